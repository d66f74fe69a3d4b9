import { useShop } from '@/lib/useConfig';

/** The merchant's own logo and name, or Till's. */
export function Logo() {
  const { name, logo_url: logo } = useShop();
  return (
    <>
      {logo === undefined ? <TillMark /> : <img src={logo} alt="" width="28" height="28" />}
      <span>{name}</span>
    </>
  );
}

function TillMark() {
  return (
    <svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true">
      <rect width="28" height="28" rx="8" fill="var(--accent)" />
      <path
        d="M8 9.500h12M14 9.500V20"
        stroke="var(--on-accent)"
        strokeWidth="3"
        strokeLinecap="round"
        fill="none"
      />
    </svg>
  );
}
