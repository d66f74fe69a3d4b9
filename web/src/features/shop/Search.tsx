import { t } from '@lingui/core/macro';
import { Plural, Trans } from '@lingui/react/macro';
import type { SubmitEvent } from 'react';

import { textOf } from '@/lib/forms';
import { Link, useNavigate } from '@/lib/routing';

interface SearchProps {
  words: string;
  /** How many products have these words; not given while that is not known. */
  found: number | null | undefined;
}

/** Looks for products. The words are in the address, so that it can be kept and sent. */
export function Search({ words, found }: SearchProps) {
  const navigate = useNavigate();
  const search = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = textOf(new FormData(event.currentTarget), 'q').trim();
    void navigate(wanted === '' ? '/' : `/?${new URLSearchParams({ q: wanted }).toString()}`);
  };
  return (
    <search>
      <form className="product-search" onSubmit={search}>
        <label className="visually-hidden" htmlFor="search-words">
          <Trans>Search for products</Trans>
        </label>
        <input
          className="input"
          id="search-words"
          name="q"
          type="search"
          maxLength={100}
          placeholder={t`Search for products`}
          defaultValue={words}
        />
        <button type="submit" className="button button-secondary">
          <Trans>Search</Trans>
        </button>
      </form>
      {words !== '' && (
        <p className="search-found">
          <span role="status">
            {typeof found === 'number' && (
              <Plural
                value={found}
                _0="Nothing was found."
                one="# product was found."
                other="# products were found."
              />
            )}
          </span>{' '}
          <Link to="/">
            <Trans>Show everything</Trans>
          </Link>
        </p>
      )}
    </search>
  );
}
