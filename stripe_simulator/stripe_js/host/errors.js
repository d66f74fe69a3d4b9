/** What is thrown, or rejected, when the page uses Stripe.js in a way that can't work. */
class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = 'IntegrationError';
  }
}
