import { ScreenError } from './ScreenError';

/** When the layout itself breaks: there is no header and no <main> around this. */
export function LayoutErrorScreen() {
  return (
    <main>
      <ScreenError />
    </main>
  );
}
