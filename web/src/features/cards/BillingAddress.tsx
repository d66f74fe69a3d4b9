import { t } from '@lingui/core/macro';
import { Trans } from '@lingui/react/macro';
import { useState } from 'react';

import { SelectField, TextField } from '@/components/Field';
import type { FieldErrors } from '@/components/useFieldErrors';
import { pageLocales } from '@/lib/language';

import type { Address } from './cardChanges';
import { countries, countryOfLocale, regionsOf } from './regions';

const LOCALE = navigator.language;

/** The billing address, with the regions of the selected country. */
export function BillingAddress({
  errors,
  initial = null,
}: {
  errors: FieldErrors;
  initial?: Address | null;
}) {
  const [country, setCountry] = useState(() =>
    initial === null ? countryOfLocale(LOCALE) : (initial.country ?? ''),
  );
  const state = country === initial?.country ? (initial.state ?? '') : '';
  const regions = regionsOf(country, state);
  return (
    <fieldset className="fieldset">
      <legend>
        <Trans>Billing address</Trans>
      </legend>
      <SelectField
        label={t`Country`}
        name="country"
        autoComplete="billing country"
        value={country}
        error={errors.country}
        onChange={(event) => setCountry(event.target.value)}
      >
        <option value="">
          <Trans>Choose a country</Trans>
        </option>
        {countries(pageLocales()).map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t`Street address`}
        name="line1"
        defaultValue={initial?.line1 ?? ''}
        autoComplete="billing address-line1"
        maxLength={200}
        error={errors.line1}
      />
      <TextField
        label={t`Flat, building or company`}
        name="line2"
        defaultValue={initial?.line2 ?? ''}
        autoComplete="billing address-line2"
        maxLength={200}
        error={errors.line2}
        optional
      />
      <div className="field-row">
        <TextField
          label={t`Postal code`}
          name="postal_code"
          defaultValue={initial?.postal_code ?? ''}
          autoComplete="billing postal-code"
          maxLength={20}
          error={errors.postal_code}
          optional
        />
        <TextField
          label={t`Town or city`}
          name="city"
          defaultValue={initial?.city ?? ''}
          autoComplete="billing address-level2"
          maxLength={200}
          error={errors.city}
        />
      </div>
      {regions.length > 0 && (
        // The key resets the choice: a region of another country must not stay selected.
        <SelectField
          key={country}
          label={t`Region`}
          name="state"
          defaultValue={state}
          autoComplete="billing address-level1"
          error={errors.state}
          optional
        >
          <option value="">
            <Trans>No region</Trans>
          </option>
          {regions.map(({ value, name }) => (
            <option key={`${value} ${name}`} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
    </fieldset>
  );
}
