import { ScreenError } from './ScreenError';

/** Shown when the layout itself throws, so there is no header and no <main> around it. */
export function LayoutErrorScreen({ error }: { error: unknown }) {
  return (
    <main>
      <ScreenError error={error} />
    </main>
  );
}
