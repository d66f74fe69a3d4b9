import type { components } from './schema';

export interface Account {
  user_id: string;
  email: string;
  name: string;
  phone: string | null;
  created_at: string;
  deletion: Deletion | null;
}

export interface Deletion {
  requested_at: string;
  erased_after: string;
  deferred_by: Deferral[];
}

export interface Deferral {
  reason: string;
  payment_id?: string | null;
}

export interface AccountChange {
  name?: string;
  phone?: string | null;
}

export interface AccountExport {
  account: Account;
  payment_methods: unknown[];
  payments: unknown[];
  next_cursor: string | null;
}

type Answer<Status extends number, Body> = Record<
  Status,
  { headers: Record<string, string>; content: { 'application/json': Body } }
> & {
  default: {
    headers: Record<string, string>;
    content: { 'application/problem+json': components['schemas']['Problem'] };
  };
};

export interface AccountPaths {
  '/account': {
    get: { responses: Answer<200, Account> };
    patch: {
      requestBody: { content: { 'application/json': AccountChange } };
      responses: Answer<200, Account>;
    };
    delete: { responses: Answer<202, Account> };
  };
  '/account/export': {
    get: {
      parameters: { query?: { cursor?: string } };
      responses: Answer<200, AccountExport>;
    };
  };
}
