// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonframer.h"
#include "import/importer.h"
#include "import/otlpjson/otlprows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tailscope::import::otlp {

/// A rejected record as one line that can be read again: a span gets a document around it (what its resource
/// was is lost), a document or a console exporter's span stays as it is.
std::string documentOf(std::string_view record);

/// Walks OTLP documents: one, one a line, an array, pretty-printed, or wrapped by Tempo and Jaeger. Spans,
/// resources and scopes are framed one by one (at most JsonFramer::kDefaultMaxRecord bytes each), so a
/// document may be of any size. Spans that come before their resource or scope wait for it, at most
/// kMaxWaiting bytes an object. A broken line or document is told with its place and reading goes on at the
/// next.
class OtlpReader final : public Reader
{
public:
    static constexpr std::size_t kMaxWaiting = 32 * 1024 * 1024;
    static constexpr int kMaxWrappers = 4; ///< {"result":{"trace":{...}}}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    enum class Walk {
        Done,
        Broken, ///< not as it must be at the cursor; the rest of the line or document is lost
        LineEnded, ///< the same, and the cursor is at the start of the next line already
        InputEnded,
    };
    struct State;

    static Walk readDocument(State &state, int depth);
    static Walk readMember(State &state, std::string_view key, int depth);
    static Walk readResourceSpans(State &state);
    static Walk readScopeSpansList(State &state);
    static Walk readScopeSpans(State &state);
    static Walk readSpans(State &state);
    /// Elements of a signal that is not read.
    struct Other
    {
        std::int64_t count = 0;
        std::uint64_t firstOffset = 0;
    };
    static Walk countAndSkip(State &state, Other &other);
    static Walk frame(State &state, JsonFramer::Record &record, std::string_view what);
    static Walk takeKey(State &state, std::string &key);
    static Walk skipOther(State &state);
    template<typename Element>
    static Walk readArray(State &state, Element &&element);
    template<typename Member>
    static Walk readObject(State &state, Member &&member);
    static bool nextDocument(State &state, Walk walk, std::uint64_t start);
    static Result<void> verdict(State &state, const ByteSource &source);
};

} // namespace tailscope::import::otlp
