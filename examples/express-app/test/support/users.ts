// The End-Users of every test, by the names of their claims.

export const USERS = [
  { sub: 'alice', name: 'Alice Example', email: 'alice@example.com', email_verified: true },
  { sub: 'bob', name: 'Bob Sample', email: 'bob@example.com', email_verified: false },
] as const;
