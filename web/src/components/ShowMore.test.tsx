import { cleanup, render, screen, waitFor } from '@testing-library/preact';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, expect, it } from 'vitest';

import { ShowMore } from './ShowMore';

function List({ pages }: { pages: number }) {
  const [shown, setShown] = useState(1);
  const query = {
    hasNextPage: shown < pages,
    isFetchingNextPage: false,
    fetchNextPage: () => setShown(shown + 1),
  };
  return <ShowMore query={query} what="cards" />;
}

afterEach(cleanup);

it('keeps the focus in its place when there is no more', async () => {
  render(<List pages={3} />);
  await userEvent.click(screen.getByRole('button', { name: 'Show more cards' }));
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Show more cards' }));
  await userEvent.keyboard('{Enter}');
  expect(screen.queryByRole('button')).toBeNull();
  await waitFor(() =>
    expect(document.activeElement).toBe(screen.getByText('There are no more cards.')),
  );
});

it('says nothing where all is shown from the start', () => {
  const { container } = render(<List pages={1} />);
  expect(container.textContent).toBe('');
});
