/**
 * Turns `t` and `<Trans>` into look-ups in the catalogue of the page's language: see lingui.config.ts.
 *
 * The English texts stay in the code, so that an English page loads no catalogue, and a text that is
 * missing in another one is shown in English.
 */
import { type NodePath, type PluginObj, transformAsync, types as t } from '@babel/core';
import macro from '@lingui/babel-plugin-lingui-macro';
import { compileMessage } from '@lingui/message-utils/compileMessage';
import { lingui } from '@lingui/vite-plugin';
import type { PluginOption } from 'vite';

export function texts(): PluginOption {
  return [
    {
      name: 'till-texts',
      enforce: 'pre',
      async transform(code, id) {
        const [file = ''] = id.split('?');
        if (!/\.tsx?$/.test(file) || !/@lingui\/(core|react)\/macro/.test(code)) return null;
        const result = await transformAsync(code, {
          filename: file,
          babelrc: false,
          configFile: false,
          sourceMaps: true,
          parserOpts: { plugins: ['typescript', 'jsx'] },
          plugins: [[macro, { stripMessageField: false }], { visitor: COMPILE }],
        });
        return result?.code == null ? null : { code: result.code, map: result.map ?? null };
      },
    },
    lingui({ failOnCompileError: true }),
  ];
}

// What Lingui does with a catalogue: without it, the compiler would have to be in the app.
const COMPILE: PluginObj['visitor'] = {
  ObjectProperty(path) {
    const { key, value } = path.node;
    if (!t.isIdentifier(key, { name: 'message' }) || !t.isStringLiteral(value)) return;
    const isText = (path.parent as t.ObjectExpression).leadingComments?.some(
      (comment) => comment.value === 'i18n',
    );
    if (isText) path.node.value = compiled(value.value);
  },
  JSXAttribute(path: NodePath<t.JSXAttribute>) {
    const { name, value } = path.node;
    if (!t.isJSXIdentifier(name, { name: 'message' }) || !t.isJSXExpressionContainer(value)) return;
    if (t.isStringLiteral(value.expression)) value.expression = compiled(value.expression.value);
  },
};

function compiled(message: string): t.Expression {
  return t.valueToNode(compileMessage(message));
}
