// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// A rejected record as one line that can be read again: a span or log record gets a document around it (what
/// its resource was is lost), a document or a console exporter's span stays as it is.
std::string documentOf(std::string_view record);

/// Walks OTLP documents: one, one a line, an array, pretty-printed, or wrapped by Tempo and Jaeger. Records,
/// resources and scopes are framed one by one (at most JsonFramer::kDefaultMaxRecord bytes each), so a
/// document may be of any size. Spans and lines of logs may lie in one file. Records that come before their
/// resource or scope wait for it (WaitingRecords). A broken line or document is told with its place and
/// reading goes on at the next.
class OtlpReader final : public Reader
{
public:
    static constexpr int kMaxWrappers = 4; ///< {"result":{"trace":{...}}}

    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

} // namespace tailscope::import::otlp
