// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtest/flatjson.h"

namespace tailscope::import::loadtest {

void eachScalar(JsonPull &pull, const std::function<void(const FlatValue &)> &visit)
{
    using Token = JsonPull::Token;
    std::vector<std::string> path;
    // One entry of the path for each open container: the key or "[]" of the value at hand in it.
    for (Token token = pull.next(); token != Token::End; token = pull.next()) {
        switch (token) {
        case Token::Key:
            path.back().assign(pull.text());
            break;
        case Token::ObjectStart:
        case Token::ArrayStart:
            if (path.size() >= kMaxFlatDepth) {
                pull.skip();
                break;
            }
            path.emplace_back(token == Token::ArrayStart ? "[]" : "");
            break;
        case Token::ObjectEnd:
        case Token::ArrayEnd:
            if (!path.empty())
                path.pop_back();
            if (path.empty())
                return;
            break;
        default:
            visit(FlatValue{path, token, pull.text(), pull.offset()});
            if (path.empty())
                return;
            break;
        }
    }
}

} // namespace tailscope::import::loadtest
