// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pglog/logrecord.h"

#include "base/text.h"

namespace tailscope::import::pglog {

void LogRecord::clear()
{
    offset = length = 0;
    tsNs = kUnknownNanos;
    offsetSeconds = 0;
    key = -1;
    pid.reset();
    queryId.reset();
    level = field = Word::None;
    bytes = 0;
    cut = false;
    for (std::string *text : {&user, &db, &application, &client, &backendType, &sqlstate, &host, &message,
             &detail, &hint, &query, &context, &statement, &location}) {
        // The memory of a rare huge text is given back.
        if (text->capacity() > 64 * 1024)
            std::string().swap(*text);
        text->clear();
    }
}

std::string &LogRecord::textOf(Word word)
{
    switch (word) {
    case Word::Detail:
        return detail;
    case Word::Hint:
        return hint;
    case Word::Query:
        return query;
    case Word::Context:
        return context;
    case Word::Statement:
        return statement;
    case Word::Location:
    case Word::Backtrace:
        return location;
    default:
        return message;
    }
}

void LogRecord::append(Word word, std::string_view text, bool newLine)
{
    std::string &to = textOf(word);
    const std::size_t room = kMaxBytes - bytes;
    if (text.size() + (newLine ? 1 : 0) > room) {
        cut = true;
        text = utf8Prefix(text, room > 0 ? room - 1 : 0);
        newLine = newLine && room > 0;
    }
    if (newLine)
        to += '\n';
    to += text;
    bytes += text.size() + (newLine ? 1 : 0);
}

} // namespace tailscope::import::pglog
