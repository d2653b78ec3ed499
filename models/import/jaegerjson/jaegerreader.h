// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/common/jsonwalk.h"
#include "import/importer.h"

#include <string_view>

namespace tailscope::import::jaeger {

/// Walks Jaeger's documents: {"data":[trace...]}, a trace, an array of traces, spans one a line, an answer of
/// Elasticsearch. Spans and processes are framed one by one, so a document may be of any size.
class JaegerReader final : public Reader
{
public:
    static constexpr int kMaxWrappers = 4; ///< {"hits":{"hits":[{...}]}}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;

private:
    struct State;
    static JsonWalk::Step readDocument(State &state, int depth);
    static JsonWalk::Step readMember(State &state, std::string_view key, int depth);
    static JsonWalk::Step readSpan(State &state);
    static bool atSpan(State &state);
};

} // namespace tailscope::import::jaeger
