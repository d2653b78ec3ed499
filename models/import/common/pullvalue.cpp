// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/common/pullvalue.h"

namespace tailscope::import {

namespace {

using Token = JsonPull::Token;

void writeScalar(const JsonPull &pull, JsonText &out)
{
    if (pull.token() == Token::String)
        out.string(pull.text());
    else if (pull.token() == Token::Number)
        out.number(pull.text());
    else if (pull.text() == "true" || pull.text() == "false")
        out.boolean(pull.text() == "true");
    else if (pull.text() == "null")
        out.null();
    else
        out.string(pull.text()); // NaN and Infinity, which JSON has no word for
}

} // namespace

void pullValue(JsonPull &pull, JsonText &out)
{
    out.clear();
    const bool container = pull.token() == Token::ObjectStart || pull.token() == Token::ArrayStart;
    if (!container)
        return writeScalar(pull, out);
    const std::size_t outside = pull.depth() - 1;
    for (;;) {
        switch (pull.token()) {
        case Token::ObjectStart:
            out.startObject();
            break;
        case Token::ObjectEnd:
            out.endObject();
            break;
        case Token::ArrayStart:
            out.startArray();
            break;
        case Token::ArrayEnd:
            out.endArray();
            break;
        case Token::Key:
            out.key(pull.text());
            break;
        case Token::End:
            return;
        default:
            writeScalar(pull, out);
        }
        if (pull.depth() <= outside)
            return;
        pull.next();
    }
}

} // namespace tailscope::import
