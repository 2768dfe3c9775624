import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../base/errors.ts';
import { companionOf, nameNotModel, nameUnread } from './not-models.ts';

const latin1 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (c) => c.charCodeAt(0));
const padded = (text: string): Uint8Array<ArrayBuffer> => latin1(text.padEnd(300, '\0'));
const HOSTILE = 'src-core/fixtures/hostile';
const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(`${HOSTILE}/${name}`)).slice(0, 4096);

describe('nameNotModel', () => {
  it('says how large the file behind a Git LFS pointer is', () => {
    const pointer = latin1(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 4976698672\n`,
    );
    const named = nameNotModel(pointer, 'model.safetensors', pointer.length);
    expect(named && describeError(named)).toBe(
      `model.safetensors: a Git LFS pointer, not the file itself: the real file has 4.98 GB, 4,976,698,672 bytes (sha256:${'ab'.repeat(32)}). Run \`git lfs pull\` in its repository, or download the file itself`,
    );
  });

  it.each([
    'lfs-pointer.safetensors',
    'lfs-pointer.pt',
    'html-page/model.safetensors',
    'html-lower.bin',
    'picture.png',
  ])('knows %s', (name) => {
    const head = fixture(name);
    const expected: { expect: string } = JSON.parse(readFileSync(`${HOSTILE}/${name}.json`, 'utf8'));
    expect(nameNotModel(head, name, head.length)?.kind).toBe(expected.expect);
  });

  it.each([
    ['', 'x.pt', /^an empty file/],
    ['\xff\xd8\xff\xe0', 'x', /JPEG/],
    ['%PDF-1.7\n', 'x.pdf', /PDF/],
    ['\0\0\0 ftypisom', 'x.bin', /MP4/],
    ['\x1f\x8b\x08\0', 'x.pt', /gzip/],
    ['\x28\xb5\x2f\xfd\0', 'x', /zstd/],
    ['7z\xbc\xaf\x27\x1c', 'x', /7z/],
    ['\x7fELF\x02', 'x', /ELF/],
    ['MZ\x90\0', 'x.exe', /Windows/],
    ['\n<!-- x -->\n<!DOCTYPE html><html>', 'model.pt', /web page/],
    ['<?xml version="1.0"?><Error>', 'model.pt', /XML/],
  ])('%j in %s', (text, name, what) => {
    const head = text.length > 0 && !text.includes('<') ? padded(text) : latin1(text);
    expect(nameNotModel(head, name, text === '' ? 0 : 1000)).toMatchObject({
      kind: 'not-a-model',
      file: name,
      what: expect.stringMatching(what),
    });
  });

  it.each([
    ['lmgg', 'x', 'GGML (before GGUF)'],
    ['\x89HDF\r\n\x1a\n', 'x.h5', 'HDF5 or Keras'],
    ['PK\x03\x04', 'dir/x.keras', 'Keras archive (.keras)'],
    ['\x20\0\0\0ORTM', 'x.ort', 'ONNX Runtime model (.ort)'],
    ['\x80\x04\x95', 'x.joblib', 'Python pickle'],
  ])('%j in %s is one to come', (text, name, format) => {
    expect(nameNotModel(padded(text), name, 1000)).toMatchObject({ kind: 'unsupported', format });
  });

  it.each([
    // Header lengths that spell MZ, gzip, bzip2 and ID3.
    ['MZ\0\0\0\0\0\0{"a"', 'x.safetensors'],
    ['\x1f\x8b\0\0\0\0\0\0{"a"', 'x.safetensors'],
    ['BZh\0\0\0\0\0{"a"', 'x.safetensors'],
    ['PK\x03\x04', 'x.pt'],
    ['MZ is a demo group', 'x.txt'],
    ['<html>{{ page }}</html>', 'x.j2'],
    ['{"a": 1}', 'x.json'],
    ['Be brief.', 'x.txt'],
    ['import os', 'x.py'],
  ])('leaves %j in %s to the formats', (text, name) => {
    expect(nameNotModel(latin1(text), name, text.length)).toBeUndefined();
  });
});

describe('nameUnread', () => {
  it.each([
    ['PK\x03\x04\0', 'x.zip', /zip archive/],
    ['import os\n', 'x.py', /Python source/],
    ['# Title\n', 'x.md', /Markdown/],
    ['#!/bin/sh\n', 'x', /script/],
    ['Entry not found', 'model.pt', /"Entry not found"/],
    ['Caf\xc3\xa9 au lait', 'x', /plain text/],
    [' \n\t', 'x', /blanks/],
  ])('%j in %s', (text, name, what) => {
    expect(nameUnread(latin1(text), name, 100)).toMatchObject({
      kind: 'not-a-model',
      what: expect.stringMatching(what),
    });
  });

  it('knows a tar archive', () => {
    const head = padded('name');
    head.set(latin1('ustar'), 257);
    expect(nameUnread(head, 'x', 1000)).toMatchObject({ what: 'a tar archive' });
  });

  it('shows the first bytes of the rest', () => {
    const head = fixture('random.bin');
    expect(nameUnread(head, 'random.bin', head.length)).toEqual({
      kind: 'unknown-format',
      file: 'random.bin',
      head: head.slice(0, 64),
    });
  });
});

describe('companionOf', () => {
  it.each(['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'])('knows %s', (name) => {
    const text = new TextDecoder().decode(fixture(`companions/${name}`));
    expect(companionOf(`model/${name}`, text)).toMatchObject({ advice: 'Drop the model with it' });
  });

  it.each([
    ['vocab.json', '{"a": 1}', /tokenizer/],
    ['special_tokens_map.json', '{}', /tokenizer/],
    ['model.safetensors.index.json', '{"metadata": {}, "weight_map": {}}', /index/],
    ['package.json', '{"name": "x", "dependencies": {}}', /JavaScript/],
    ['my-words.json', '{"version": "1.0", "added_tokens": [], "normalizer": null}', /tokenizer/],
  ])('%s', (name, text, what) => {
    expect(companionOf(name, text)?.what).toMatch(what);
  });

  it.each([
    ['agent.json', '{"instructions": "x"}'],
    ['config.json', '{"lm": {"msgflux_type": "model"}}'],
    ['modules.json', '{"a": "x"}'],
    ['config.json', '[1, 2]'],
    ['program.json', '{"predict": {"demos": []}}'],
  ])('leaves %s with %s alone', (name, text) => {
    expect(companionOf(name, text)).toBeUndefined();
  });
});
