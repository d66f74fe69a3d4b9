import type { ReactNode } from 'react';

// Our own simple versions of the brands' logos. The brand's name is always shown as text too.
const MARKS: Readonly<Record<string, ReactNode>> = {
  visa: (
    <>
      <rect width="48" height="30" rx="5" fill="#1a2b6d" />
      <path
        d="M12 10l3.4 10.5L19.5 10M23 10l-1.6 10.5M31 11.6c-3-1.8-5.6-.4-4.4 1.8 1 1.7 4 2 3.400 4.400-.6 2.300-3.800 2.400-6 1M33.500 20.500L37.600 10l1.900 10.500M35 17.300h4"
        fill="none"
        stroke="#fff"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  mastercard: (
    <>
      <rect width="48" height="30" rx="5" fill="#24262b" />
      <circle cx="19" cy="15" r="8.500" fill="#d9322e" />
      <circle cx="29" cy="15" r="8.500" fill="#eb9a1f" />
      <path d="M24 8.100a8.500 8.500 0 0 1 0 13.800 8.500 8.500 0 0 1 0-13.800z" fill="#e8672a" />
    </>
  ),
  amex: (
    <>
      <rect width="48" height="30" rx="5" fill="#1f6fc0" />
      <path
        d="M7 20l4-10 4 10M8.500 17h5M18 20V10l4 6 4-6v10M36 10h-6v10h6M30 15h5M38 10l5 10M43 10l-5 10"
        fill="none"
        stroke="#fff"
        strokeWidth="1.800"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  discover: (
    <>
      <rect width="48" height="30" rx="5" fill="#f3f0ea" />
      <path d="M48 17v8a5 5 0 0 1-5 5H18c14-2 24-7 30-13z" fill="#e67f22" />
      <circle cx="24" cy="14" r="6" fill="#e67f22" />
      <path
        d="M6 10v8h2c5 0 5-8 0-8zM14 10v8M33 10v8M37 10l2.500 8 2.500-8"
        fill="none"
        stroke="#24262b"
        strokeWidth="1.800"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </>
  ),
  diners: (
    <>
      <rect width="48" height="30" rx="5" fill="#f1f4f8" />
      <circle cx="24" cy="15" r="10" fill="#1b4f8f" />
      <path
        d="M20.500 8.500a7.400 7.400 0 0 0 0 13zM27.500 8.500a7.400 7.400 0 0 1 0 13z"
        fill="#f1f4f8"
      />
    </>
  ),
  jcb: (
    <>
      <rect width="48" height="30" rx="5" fill="#f1f4f8" />
      <rect x="9" y="6" width="9" height="18" rx="3" fill="#1b5fa8" />
      <rect x="19.500" y="6" width="9" height="18" rx="3" fill="#c9302c" />
      <rect x="30" y="6" width="9" height="18" rx="3" fill="#2e8b48" />
    </>
  ),
  unionpay: (
    <>
      <rect width="48" height="30" rx="5" fill="#f1f4f8" />
      <path d="M12 5h9l-4.500 20h-9z" fill="#c9302c" />
      <path d="M22 5h9l-4.500 20h-9z" fill="#1b4f8f" />
      <path d="M32 5h9l-4.500 20h-9z" fill="#157a72" />
    </>
  ),
};

const PLAIN = (
  <>
    <rect width="48" height="30" rx="5" fill="#5b6472" />
    <rect y="6" width="48" height="6" fill="#343a44" />
    <rect x="6" y="18" width="14" height="4" rx="2" fill="#c3c9d2" />
  </>
);

export function BrandMark({ brand }: { brand: string }) {
  return (
    <svg className="brand-mark" viewBox="0 0 48 30" width="48" height="30" aria-hidden="true">
      {MARKS[brand] ?? PLAIN}
    </svg>
  );
}
