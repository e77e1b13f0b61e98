import type { Response } from 'express';

/** Whatever stands here tells the caller what to do. */
export function refuse(
  response: Response,
  status: number,
  error: string,
  error_description: string,
): void {
  response.status(status).json({ error, error_description });
}
