/** What the API takes in one purchase: `CreatePaymentRequest`, `PurchaseItemRequest` in docs/openapi.json. */
export const MAX_LINES = 50;
export const MAX_QUANTITY = 100;
