// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/pprof/pprofreader.h"

#include "import/common/protowire.h"
#include "import/pprof/pprofemit.h"
#include "import/pprof/pproftables.h"

namespace tailscope::import {

namespace {

constexpr std::string_view kHint = "A pprof profile is a protobuf message as profile.proto describes it; the "
                                   "older text formats of gperftools "
                                   "are converted by `pprof -proto`";

} // namespace

Result<void> PprofReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    pprof::Tables tables;
    ProtoStream stream(source);
    ProtoField field;
    while (stream.next(field))
        tables.take(field, report);
    if (stream.sourceFailed() && !tables.sawProfile())
        return fail(*stream.error());
    if (!tables.sawProfile()) {
        Error error = stream.error().value_or(
            Error{ErrorCode::BadInput, source.name(), "it has neither sample types nor samples", {}, {}});
        error.hint = std::string(kHint);
        return fail(std::move(error));
    }
    pprof::emitProfile(tables, sink, report);
    if (stream.sourceFailed())
        return fail(*stream.error());
    if (stream.error()) {
        const Error &error = *stream.error();
        report.note(IssueSeverity::DataLoss, stream.cut() ? "truncated" : "bad-field",
            error.where && error.where->offset ? *error.where->offset : stream.offset(),
            error.detail + "; what comes before was taken");
    }
    return {};
}

} // namespace tailscope::import
