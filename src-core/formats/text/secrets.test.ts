import { describe, expect, it } from 'vitest';
import { findSecret } from './secrets.ts';

const judge = (key: string, text: string): string | undefined => findSecret(key, { type: 'text', text })?.what;
const letters = 'abcdefghij'.repeat(10);

describe('findSecret', () => {
  it.each([
    ['x', `sk-${letters.slice(0, 20)}T3BlbkFJ`],
    ['x', `use sk-ant-api03-${letters.slice(0, 40)} here`],
    ['x', `hf_${letters.slice(0, 34)}`],
    ['x', `ghp_${letters.slice(0, 36)}`],
    ['x', 'AKIAIOSFODNN7EXAMPLE'],
    ['x', 'xoxb-123456789012-abcdef'],
    ['x', `eyJ${letters.slice(0, 20)}.eyJ${letters.slice(0, 30)}.${letters.slice(0, 20)}`],
    ['x', '-----BEGIN RSA PRIVATE KEY-----\nMII'],
    ['base_url', 'https://user:pa55@host.example/v1'],
    ['authorization', 'Bearer abc123abc123abc123abc123'],
    ['api_key', 'abcd'],
    ['apiKey', 'abcd1234'],
    ['OPENAI-API-KEY', 'abcd1234'],
    ['password', 'hunter2'],
    ['client_secret', 'q8w7e6'],
    ['token', '0123456789abcdef'],
  ])('%s: %s', (key, text) => {
    expect(judge(key, text)).toBeDefined();
  });

  it.each([
    ['bos_token', '<s>'],
    ['max_tokens', '1024'],
    ['token', 'hello'],
    ['api_key', ''],
    ['api_key', 'EMPTY'],
    ['api_key', `$\{OPENAI_API_KEY}`],
    ['api_key', 'OPENAI_API_KEY'],
    ['api_key', '<your key>'],
    ['api_key', 'your-api-key'],
    ['api_key', 'sk-xxxxxxxxxxxxxxxxxxxxxxxx'],
    ['password', 'Ask for the password politely.'],
    ['base_url', 'http://localhost:8000/v1'],
    ['base_url', `https://user:$\{PASSWORD}@host/v1`],
    ['x', 'scikit-learn and sk-learn-contrib-packages-are-fine'],
    ['x', 'mailto:someone@example.com'],
    ['x', 'Bearer tokens are used for authorisation'],
    ['tokenizer', 'abcdefghijklmnopqrstuvwxyz012345'],
  ])('lets %s: %s pass', (key, text) => {
    expect(judge(key, text)).toBeUndefined();
  });

  it('looks inside values and says where', () => {
    const secret = { kind: 'object', members: [['password', { kind: 'string', value: 'hunter2' }]] } as const;
    expect(findSecret('lm', { type: 'json', json: { kind: 'array', items: [secret] } })?.where).toBe('.0.password');
    expect(findSecret('api_key', { type: 'int', digits: '12345' })).toBeUndefined();
  });

  it.each(['a-', 'sk-', 'eyJaaaaaaaaaaa.', 'a:', 'http://a:', 'xoxb-', '-----BEGIN A A A '])(
    'is quick on a long run of %j',
    (piece) => {
      const start = performance.now();
      judge('x', piece.repeat(2 ** 20 / piece.length));
      expect(performance.now() - start).toBeLessThan(1500);
    },
  );
});
