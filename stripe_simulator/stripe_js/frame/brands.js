/** Card brands: how their numbers begin, how long they are, and how they are printed. */

const FOURS = [4, 4, 4, 4];

const BRANDS = [
  { name: 'visa', prefix: /^4/, lengths: [16], groups: FOURS, cvc: [3] },
  {
    name: 'mastercard',
    prefix: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/,
    lengths: [16],
    groups: FOURS,
    cvc: [3],
  },
  { name: 'amex', prefix: /^3[47]/, lengths: [15], groups: [4, 6, 5], cvc: [4] },
  { name: 'discover', prefix: /^(6011|64[4-9]|65)/, lengths: [16], groups: FOURS, cvc: [3] },
  { name: 'diners', prefix: /^36/, lengths: [14], groups: [4, 6, 4], cvc: [3] },
  { name: 'diners', prefix: /^3(0[0-5]|[89])/, lengths: [16], groups: FOURS, cvc: [3] },
  { name: 'jcb', prefix: /^35(2[89]|[3-8])/, lengths: [16], groups: FOURS, cvc: [3] },
  {
    name: 'unionpay',
    prefix: /^(62|81)/,
    lengths: [16, 17, 18, 19],
    groups: [...FOURS, 3],
    cvc: [3],
  },
];

const UNKNOWN_BRAND = { name: 'unknown', lengths: [16], groups: FOURS, cvc: [3, 4] };

function brandOf(digits) {
  return BRANDS.find(({ prefix }) => prefix.test(digits)) ?? UNKNOWN_BRAND;
}

function passesLuhn(digits) {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** What stands before the fields: the brand's name on its colour, or a card without one. */
const BADGES = {
  visa: ['#1a1f71', 'VISA'],
  mastercard: ['#a3001b', 'MC'],
  amex: ['#016fd0', 'AMEX'],
  discover: ['#a34f00', 'DISC'],
  diners: ['#004a97', 'DC'],
  jcb: ['#0b6b2e', 'JCB'],
  unionpay: ['#00606b', 'UP'],
};
