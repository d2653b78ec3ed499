// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/jaegerjson/jaegerjson.h"

#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/jaegerjson/jaegerreader.h"

namespace tailscope::import {

namespace {

const FormatDescriptor kDescriptor{
    "jaeger-json",
    "Jaeger JSON traces",
    "*.json *.jsonl",
    SourceKind::Trace,
    "Written by Jaeger: the answer of its query API, downloads of its UI and dumps of its span index.",
    RecordJoin::Lines,
    jsonOnOneLine,
};

class JaegerJsonImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    /// A span names its operation "operationName", its trace, itself and its start. A trace of the API may
    /// keep its spans far below its processes: those have their own key.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const char first = firstSignificant(prefix);
        if (first != '{' && first != '[')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool trace = false, span = false, operation = false, processes = false, start = false;
        while (scan.next(key)) {
            if (key.depth > 5)
                continue;
            const std::string_view name = key.name;
            trace |= name == "traceID" || name == "traceId";
            span |= name == "spanID" || name == "spanId";
            operation |= name == "operationName";
            start |= name == "startTime" || name == "startTimeMillis";
            processes |= (name == "processes" && key.valueStart == '{') || name == "processID";
            if (trace && operation && (span || processes) && (start || processes))
                return Confidence::Strong;
        }
        const bool empty = trace && processes;
        return empty ? Confidence::Likely : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<jaeger::JaegerReader>();
    }
};

} // namespace

const Importer &jaegerJsonImporter()
{
    static const JaegerJsonImporter importer;
    return importer;
}

} // namespace tailscope::import
