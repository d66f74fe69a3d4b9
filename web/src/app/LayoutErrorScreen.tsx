import { ScreenError } from './ScreenError';

/** Shown when the layout itself throws, so there is no header and no <main> around it. */
export function LayoutErrorScreen() {
  return (
    <main>
      <ScreenError />
    </main>
  );
}
