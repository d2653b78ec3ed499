// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/zipkinjson/zipkinreader.h"

#include "import/common/jsonwalk.h"
#include "import/zipkinjson/zipkinrows.h"

namespace tailscope::import::zipkin {

Result<void> ZipkinReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    using Step = JsonWalk::Step;
    JsonWalk walk(source, report);
    ZipkinRows rows(sink, report);
    sink.setSource({SourceKind::Trace, ClockKind::Utc, "UTC"});
    const auto span = [&] {
        JsonFramer::Record record;
        const Step step = walk.record(record, "span");
        if (step == Step::Done)
            rows.span(record);
        return step;
    };
    const auto trace = [&](int c) { return c == '{' ? span() : walk.skip(); };
    const auto list = [&](int c) { return c == '[' ? walk.array(trace) : trace(c); };
    bool more = true;
    while (more) {
        const int c = walk.framer().peekPast(',');
        if (c == -1)
            break;
        walk.beginDocument();
        const Step step = c == '[' ? walk.array(list) : c == '{' ? span() : Step::Broken;
        more = walk.endDocument(step, rows.taken());
    }
    rows.release();
    if (walk.framer().error())
        return fail(*walk.framer().error());
    if (!rows.sawSpan())
        return fail(ErrorCode::BadInput, source.name(), "it has no Zipkin span",
            "Zipkin's JSON is a list of objects with \"traceId\" and \"id\"");
    return {};
}

} // namespace tailscope::import::zipkin
