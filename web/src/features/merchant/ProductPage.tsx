import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { useApi } from '@/api/client';
import { PRODUCTS_KEY } from '@/api/listProducts';
import { ApiError } from '@/api/problem';
import { Field, SelectField, TextField } from '@/components/Field';
import { Loading } from '@/components/Loading';
import { PageHeading } from '@/components/PageHeading';
import { SubmitButton } from '@/components/SubmitButton';
import { useFieldErrors } from '@/components/useFieldErrors';
import { Link, useNavigate, useParams } from '@/lib/routing';

import { typedAmount } from './amounts';
import { deleteProduct, putProduct } from './merchantApi';
import {
  allCurrencies,
  amountField,
  checkedProduct,
  type Currency,
  currencyField,
  refusedFields,
} from './productForm';
import { CATALOGUE_KEY, useCatalogueProduct } from './queries';
import { Question } from './Question';
import { StaffLoadError, StaffProblem } from './StaffProblem';
import type { CatalogueProduct, ProductChange } from './types';

const CATALOGUE = '/merchant/catalogue';

export function NewProductPage() {
  return (
    <div className="narrow">
      <PageHeading title={t`Add a product`} />
      <ProductForm product={null} />
      <BackToCatalogue />
    </div>
  );
}

export function ProductPage() {
  const { productId = '' } = useParams();
  const product = useCatalogueProduct(productId);
  return (
    <div className="narrow">
      <PageHeading title={t`Product`} />
      {product.isPending && <Loading what={t`the product`} />}
      {product.isError && <StaffLoadError error={product.error} onRetry={product.refetch} />}
      {product.data && (
        <>
          <ProductForm product={product.data} />
          {product.data.active && <TakeOffSale product={product.data} />}
        </>
      )}
      {product.data === null && (
        <p className="empty">
          <Trans>There is no product with this ID.</Trans>
        </p>
      )}
      <BackToCatalogue />
    </div>
  );
}

function BackToCatalogue() {
  return (
    <p>
      <Link to={CATALOGUE}>
        <Trans>Back to the catalogue</Trans>
      </Link>
    </p>
  );
}

function ProductForm({ product }: { product: CatalogueProduct | null }) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { errors, report, formProps } = useFieldErrors();
  const initial = Object.entries(product?.prices ?? {});
  const [currencies] = useState(allCurrencies);
  // Each price keeps its row's number, also when another one goes.
  const [rows, setRows] = useState(() =>
    (initial.length > 0 ? initial : [null]).map((_, row) => row),
  );
  const put = useMutation({
    mutationFn: ({ id, body }: { id: string; body: ProductChange }) => putProduct(api, id, body),
    onSuccess: async ({ name, ...saved }) => {
      queries.setQueryData([...PRODUCTS_KEY, 'one', saved.product_id], { name, ...saved });
      await queries.invalidateQueries({ queryKey: [...PRODUCTS_KEY, 'list'] });
      await queries.invalidateQueries({ queryKey: CATALOGUE_KEY });
      await navigate(CATALOGUE, {
        state: { said: t`“${name}” was saved. Shoppers see it within a minute.` },
      });
    },
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (put.isPending) return;
    const form = new FormData(event.currentTarget);
    if (product) form.set('product_id', product.product_id);
    const checked = checkedProduct(form, rows);
    report(checked.errors);
    put.reset();
    if (checked.product === null) return;
    const byCurrency = new Map(
      rows.map((row) => [form.get(currencyField(row)) as string, row] as const),
    );
    put.mutate(
      { id: checked.productId, body: checked.product },
      {
        onError: (error) => {
          const found = error instanceof ApiError ? (error.problem.errors ?? []) : [];
          report(refusedFields(found, byCurrency));
        },
      },
    );
  };
  return (
    <form
      className="form panel"
      aria-label={product?.name ?? t`New product`}
      {...formProps}
      onSubmit={submit}
      noValidate
    >
      {put.isError && <StaffProblem error={put.error} />}
      {product?.active === false && (
        <p>
          <Trans>It is off sale. Saving it puts it on sale again.</Trans>
        </p>
      )}
      {product ? (
        <p>
          <Trans>
            ID: <code>{product.product_id}</code>
          </Trans>
        </p>
      ) : (
        <TextField
          label={t`ID`}
          name="product_id"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          hint={t`It stays. The ID of a product that was taken off sale brings it back.`}
          error={errors.product_id}
        />
      )}
      <TextField
        label={t`Name`}
        name="name"
        autoComplete="off"
        defaultValue={product?.name ?? ''}
        error={errors.name}
      />
      <Field label={t`Description`} optional error={errors.description}>
        {(control) => (
          <textarea
            className="input"
            name="description"
            rows={4}
            defaultValue={product?.description ?? ''}
            {...control}
          />
        )}
      </Field>
      <TextField
        label={t`Address of an image`}
        name="image_url"
        optional
        autoComplete="off"
        defaultValue={product?.image_url ?? ''}
        error={errors.image_url}
      />
      <fieldset className="fieldset">
        <legend>
          <Trans>Prices</Trans>
        </legend>
        {rows.map((row, index) => (
          <PriceRow
            key={row}
            row={row}
            price={initial[row]}
            errors={errors}
            currencies={currencies}
            onRemove={rows.length > 1 ? () => setRows(rows.filter((each) => each !== row)) : null}
            number={index + 1}
          />
        ))}
        <button
          type="button"
          className="button button-secondary"
          onClick={() => setRows([...rows, Math.max(...rows) + 1])}
        >
          <Trans>Add a currency</Trans>
        </button>
      </fieldset>
      <SubmitButton busy={put.isPending}>
        <Trans>Save</Trans>
      </SubmitButton>
    </form>
  );
}

interface PriceRowProps {
  row: number;
  number: number;
  price: readonly [string, number] | undefined;
  errors: Readonly<Record<string, string>>;
  currencies: readonly Currency[];
  onRemove: (() => void) | null;
}

function PriceRow({ row, number, price, errors, currencies, onRemove }: PriceRowProps) {
  const [currency, amount] = price ?? ['', null];
  return (
    <div className="price-row" role="group" aria-label={t`Price ${number}`}>
      <SelectField
        label={t`Currency`}
        name={currencyField(row)}
        defaultValue={currency}
        error={errors[currencyField(row)]}
      >
        <option value="" disabled>
          <Trans>Choose</Trans>
        </option>
        {currencies.map(({ currency: code, name }) => (
          <option key={code} value={code}>
            {code.toUpperCase()} – {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t`Amount`}
        name={amountField(row)}
        inputMode="decimal"
        autoComplete="off"
        defaultValue={amount === null ? '' : typedAmount(amount, currency)}
        error={errors[amountField(row)]}
      />
      {onRemove && (
        <button type="button" className="button button-quiet" onClick={onRemove}>
          <Trans>
            Remove<span className="visually-hidden"> price {number}</span>
          </Trans>
        </button>
      )}
    </div>
  );
}

function TakeOffSale({ product: { product_id: id, name } }: { product: CatalogueProduct }) {
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isAsked, setAsked] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteProduct(api, id),
    onSuccess: async () => {
      queries.removeQueries({ queryKey: [...PRODUCTS_KEY, 'one', id] });
      await queries.invalidateQueries({ queryKey: [...PRODUCTS_KEY, 'list'] });
      await queries.invalidateQueries({ queryKey: CATALOGUE_KEY });
      await navigate(CATALOGUE, {
        state: { said: t`“${name}” was taken off sale. It is gone for shoppers within a minute.` },
      });
    },
  });
  return (
    <section className="form panel" aria-label={t`Take off sale`}>
      <h2>
        <Trans>Take off sale</Trans>
      </h2>
      <p>
        <Trans>Nobody can buy it any more. Payments that were made for it stay as they are.</Trans>
      </p>
      <button
        type="button"
        className="button button-secondary"
        onClick={() => {
          remove.reset();
          setAsked(true);
        }}
      >
        <Trans>Take off sale …</Trans>
      </button>
      {isAsked && (
        <Question
          title={t`Take “${name}” off sale?`}
          confirm={t`Take off sale`}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsked(false)}
        >
          <p>
            <Trans>Saving a product under the ID {id} puts it on sale again.</Trans>
          </p>
        </Question>
      )}
    </section>
  );
}
