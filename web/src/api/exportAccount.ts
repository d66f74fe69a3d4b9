import { type AccountExport, type Api, unwrap } from './client';
import { sendWithRetries } from './retry';

/** GET /account/export: all pages in one document. */
export async function exportAccount(api: Api): Promise<Omit<AccountExport, 'next_cursor'>> {
  const { next_cursor: next, ...everything } = await exportPage(api, null);
  const payments = [...everything.payments];
  const orders = [...everything.orders];
  for (let cursor = next; cursor !== null;) {
    const page = await exportPage(api, cursor);
    payments.push(...page.payments);
    orders.push(...page.orders);
    cursor = page.next_cursor;
  }
  return { ...everything, payments, orders };
}

function exportPage(api: Api, cursor: string | null): Promise<AccountExport> {
  const query = cursor === null ? {} : { cursor };
  return sendWithRetries(() => unwrap(api.GET('/account/export', { params: { query } })));
}
