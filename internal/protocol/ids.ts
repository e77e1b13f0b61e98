// Branded identifiers: a Subject cannot be passed where a ClientId is meant.

declare const brand: unique symbol;
type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

export type ClientId = Brand<string, 'ClientId'>;
export type Subject = Brand<string, 'Subject'>;
export type SessionId = Brand<string, 'SessionId'>;
export type AuthorizationId = Brand<string, 'AuthorizationId'>;

export const toClientId = (text: string): ClientId => text as ClientId;
export const toSubject = (text: string): Subject => text as Subject;
export const toSessionId = (text: string): SessionId => text as SessionId;
export const toAuthorizationId = (text: string): AuthorizationId => text as AuthorizationId;
