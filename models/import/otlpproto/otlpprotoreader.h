// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/importer.h"

#include <string>
#include <string_view>

namespace tailscope::import::otlp {

/// Walks the messages of OTLP in protobuf: TracesData, ExportTraceServiceRequest, LogsData (they have the
/// same shape), one a file or each after its length in four bytes. Only single resources, scopes and records
/// are held, at most ProtoStream::kMaxField bytes each, so that a message may be of any size. Three levels
/// are walked, whatever the input nests. A wrong length costs the message around it, a cut file its tail.
class OtlpProtoReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override;
};

/// A rejected record as a file that can be read again: a span or log record gets the messages around it.
std::string protoDocumentOf(std::string_view record);

} // namespace tailscope::import::otlp
