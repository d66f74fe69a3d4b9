import { describe, expect, it } from 'vitest';

import { loadConfig, parseConfig, PLAIN_SHOP } from './config';

const COMPLETE = {
  api_url: '/v1',
  region: 'eu-central-1',
  user_pool_id: 'eu-central-1_abc',
  user_pool_client_id: 'client',
  stripe_publishable_key: 'pk_test_1',
};

describe('the configuration', () => {
  it('is read from /config.json', async () => {
    const asked: string[] = [];
    const config = await loadConfig((input) => {
      asked.push(input as string);
      return Promise.resolve(
        Response.json({ ...COMPLETE, stripe_js_url: 'http://x/v3/stripe.js' }),
      );
    });
    expect(asked).toEqual(['/config.json']);
    expect(config).toEqual({
      ...COMPLETE,
      stripe_js_url: 'http://x/v3/stripe.js',
      shop: PLAIN_SHOP,
    });
  });

  it('treats empty optional values as missing', () => {
    expect(parseConfig({ ...COMPLETE, stripe_js_url: '', cognito_endpoint: null })).toEqual({
      ...COMPLETE,
      shop: PLAIN_SHOP,
    });
  });

  it('knows what the merchant has decided', () => {
    const shop = { name: 'Meyer', colour: '#aa0000', logo_url: '', asks: ['birthdate', 7] };
    expect(parseConfig({ ...COMPLETE, shop }).shop).toEqual({
      name: 'Meyer',
      colour: '#aa0000',
      asks: ['birthdate'],
    });
  });

  it('names what is missing', () => {
    expect(() => parseConfig({ ...COMPLETE, api_url: '', region: 5 })).toThrow(
      'config.json is missing api_url, region.',
    );
  });

  it.each([
    ['a missing file', () => new Response('', { status: 404 }), 'returned status 404'],
    ['index.html in its place', () => new Response('<!doctype html>'), 'is not valid JSON'],
    ['null', () => Response.json(null), 'is not a JSON object'],
  ])('rejects %s', async (_, response, message) => {
    await expect(loadConfig(() => Promise.resolve(response()))).rejects.toThrow(message);
  });

  it('says so when the network fails', async () => {
    const failing = () => Promise.reject(new TypeError('Failed to fetch'));
    await expect(loadConfig(failing)).rejects.toThrow('could not be fetched');
  });
});
