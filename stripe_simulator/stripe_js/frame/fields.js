/**
 * The fields: what each accepts, how it is written while somebody types, and when it is right.
 *
 * format(typed, {deleting, cvcLengths}) gives the text to show. check(text, {cvcLengths}) gives
 * null for a complete field, else Stripe's error code, its message, and whether it is only
 * incomplete: that is no error yet while somebody is still typing.
 */

const digitsOf = (text) => text.replace(/\D/g, '');

const incomplete = (code, message) => ({ code, message, incomplete: true });
const invalid = (code, message) => ({ code, message, incomplete: false });

const NUMBER = {
  key: 'number',
  name: 'cardnumber',
  label: 'Credit or debit card number',
  placeholder: 'Card number',
  standalonePlaceholder: '1234 1234 1234 1234',
  autocomplete: 'cc-number',
  inputMode: 'numeric',
  width: '11.75em',
  format(typed) {
    const { groups, lengths } = brandOf(digitsOf(typed));
    const digits = digitsOf(typed).slice(0, Math.max(...lengths));
    let start = 0;
    const parts = groups.map((length) => digits.slice(start, (start += length)));
    return parts.filter(Boolean).join(' ');
  },
  check(text) {
    const digits = digitsOf(text);
    const { lengths } = brandOf(digits);
    if (lengths.includes(digits.length) && passesLuhn(digits)) return null;
    return digits.length < Math.max(...lengths)
      ? incomplete('incomplete_number', 'Your card number is incomplete.')
      : invalid('invalid_number', 'Your card number is invalid.');
  },
  isFull: (text) => digitsOf(text).length === Math.max(...brandOf(digitsOf(text)).lengths),
};

const EXPIRY = {
  key: 'expiry',
  name: 'exp-date',
  label: 'Credit or debit card expiration date',
  placeholder: 'MM / YY',
  autocomplete: 'cc-exp',
  inputMode: 'numeric',
  width: '4em',
  format(typed, { deleting }) {
    const [, month, year] = /^\s*(\d{1,2})\s*[/-]\s*(\d*)/.exec(typed) ?? [];
    let digits = month ? month.padStart(2, '0') + year : digitsOf(typed);
    if (digits === '') return '';
    if (digits[0] > '1') digits = `0${digits}`; // nobody means the 50th month by a 5
    if (digits[0] === '1' && digits[1] > '2') digits = `0${digits}`;
    const yearDigits = digits.slice(2);
    const shortYear = /^20\d\d/.test(yearDigits) ? yearDigits.slice(2, 4) : yearDigits.slice(0, 2);
    if (digits.length < 2 || (deleting && shortYear === '')) return digits;
    return `${digits.slice(0, 2)} / ${shortYear}`;
  },
  check(text) {
    const digits = digitsOf(text);
    if (digits.length < 4) {
      return incomplete('incomplete_expiry', "Your card's expiration date is incomplete.");
    }
    const { month, year } = expiryOf(text);
    if (month < 1 || month > 12) {
      return invalid('invalid_expiry_month', "Your card's expiration date is invalid.");
    }
    const today = new Date();
    const thisYear = today.getFullYear();
    if (year < thisYear) {
      return invalid('invalid_expiry_year_past', "Your card's expiration year is in the past.");
    }
    if (year === thisYear && month < today.getMonth() + 1) {
      return invalid('invalid_expiry_month_past', "Your card's expiration date is in the past.");
    }
    if (year > thisYear + 50) {
      return invalid('invalid_expiry_year', "Your card's expiration year is invalid.");
    }
    return null;
  },
  isFull: (text) => digitsOf(text).length === 4,
};

const CVC = {
  key: 'cvc',
  name: 'cvc',
  label: 'Credit or debit card CVC/CVV',
  placeholder: 'CVC',
  autocomplete: 'cc-csc',
  inputMode: 'numeric',
  width: '2.5em',
  format: (typed, { cvcLengths }) => digitsOf(typed).slice(0, Math.max(...cvcLengths)),
  check(text, { cvcLengths }) {
    if (cvcLengths.includes(text.length)) return null;
    return text.length < Math.max(...cvcLengths)
      ? incomplete('incomplete_cvc', "Your card's security code is incomplete.")
      : invalid('invalid_cvc', "Your card's security code is invalid.");
  },
  isFull: (text, { cvcLengths }) => text.length === Math.max(...cvcLengths),
};

const POSTAL_CODE = {
  key: 'postalCode',
  name: 'postal',
  label: 'Postal code',
  placeholder: 'Postal code',
  autocomplete: 'billing postal-code',
  inputMode: 'text',
  width: '6em',
  format: (typed) =>
    typed
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .trimStart()
      .slice(0, 10),
  check: (text) =>
    text.trim().length >= 3
      ? null
      : incomplete('incomplete_zip', 'Your postal code is incomplete.'),
  isFull: () => false,
};

const FIELDS_OF_ELEMENT = {
  card: [NUMBER, EXPIRY, CVC, POSTAL_CODE],
  cardNumber: [NUMBER],
  cardExpiry: [EXPIRY],
  cardCvc: [CVC],
};

function expiryOf(text) {
  const digits = digitsOf(text);
  return { month: Number(digits.slice(0, 2)), year: 2000 + Number(digits.slice(2, 4)) };
}

/** Where the caret belongs so that as many digits stand before it as before the formatting. */
function caretAfterDigits(text, count) {
  let position = 0;
  for (let seen = 0; position < text.length && seen < count; position += 1) {
    if (/\d/.test(text[position])) seen += 1;
  }
  return position;
}
