// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/zipkinjson/zipkinjson.h"

#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/zipkinjson/zipkinreader.h"

namespace tailscope::import {

namespace {

const FormatDescriptor kDescriptor{
    "zipkin-json",
    "Zipkin JSON spans",
    "*.json *.jsonl",
    SourceKind::Trace,
    "Written by Zipkin's API and UI and by the tracers that report to it (Brave, Envoy, Finagle).",
    RecordJoin::JsonArray,
    jsonOnOneLine,
};

class ZipkinJsonImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }

    /// A span says "traceId" and "id" side by side, at the top, in a list or in a list of lists.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const char first = firstSignificant(prefix);
        if (first != '{' && first != '[')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        int depth = 0;
        bool trace = false, id = false, own = false, time = false, name = false;
        while (scan.next(key)) {
            if (key.depth > 3)
                continue;
            if (key.name == "spanId" || key.name == "spanID" || key.name == "operationName")
                return Confidence::No;
            if (depth == 0)
                depth = key.depth;
            if (key.depth != depth)
                continue;
            trace |= key.name == "traceId";
            id |= key.name == "id";
            name |= key.name == "name";
            time |= key.name == "timestamp" || key.name == "duration";
            own |= (key.name == "localEndpoint" && key.valueStart == '{')
                || ((key.name == "annotations" || key.name == "binaryAnnotations") && key.valueStart == '[');
        }
        if (!trace || !id)
            return Confidence::No;
        return own || (time && name) ? Confidence::Strong
            : time || name           ? Confidence::Likely
                                     : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<zipkin::ZipkinReader>();
    }
};

} // namespace

const Importer &zipkinJsonImporter()
{
    static const ZipkinJsonImporter importer;
    return importer;
}

} // namespace tailscope::import
