// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/chrometrace/chrometrace.h"

#include "import/chrometrace/chromereader.h"
#include "import/common/jsonkeys.h"

namespace tailscope::import {

namespace {

const FormatDescriptor kDescriptor{
    "chrome-trace",
    "Chrome Trace Event JSON",
    "*.json *.json.gz *.trace *.ctrace",
    SourceKind::Trace,
    "Written by Chrome and its developer tools, Node.js, Perfetto, viztracer, PyTorch, Bazel, clang "
    "-ftime-trace "
    "and many in-house tracers.",
    RecordJoin::JsonArray,
};

/// Top-level keys that only this format has, for files whose traceEvents come late.
bool isOwnKey(std::string_view key)
{
    return key == "systemTraceEvents" || key == "viztracer_metadata" || key == "displayTimeUnit"
        || key == "controllerTraceDataKey" || key == "traceAnnotations" || key == "stackFrames"
        || key == "beginningOfTime";
}

/// An array counts when its first objects look like events: ph beside a time, a process or a name.
Confidence sniffArray(std::string_view prefix)
{
    JsonKeyScan scan(prefix);
    JsonKey key;
    bool phase = false, companion = false;
    while (scan.next(key)) {
        if (key.depth != 2)
            continue;
        phase |= key.name == "ph" && key.valueStart == '"';
        companion |= key.name == "ts" || key.name == "pid" || key.name == "tid" || key.name == "cat";
        if (phase && companion)
            return Confidence::Strong;
    }
    return phase ? Confidence::Weak : Confidence::No;
}

Confidence sniffObject(std::string_view prefix)
{
    JsonKeyScan scan(prefix);
    JsonKey key;
    Confidence best = Confidence::No;
    while (scan.next(key)) {
        if (key.depth != 1)
            continue;
        if (key.name == "traceEvents")
            return key.valueStart == '[' || key.valueStart == '\0' ? Confidence::Strong : Confidence::Weak;
        if (isOwnKey(key.name))
            best = Confidence::Likely;
    }
    return best;
}

class ChromeTraceImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        switch (firstSignificant(prefix)) {
        case '[':
            return sniffArray(prefix);
        case '{':
            return sniffObject(prefix);
        case '<':
            // Claimed so that the reader can say what to do.
            return chrome::isSystracePage(prefix) ? Confidence::Weak : Confidence::No;
        default:
            return Confidence::No;
        }
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<chrome::ChromeReader>();
    }
};

} // namespace

const Importer &chromeTraceImporter()
{
    static const ChromeTraceImporter importer;
    return importer;
}

} // namespace tailscope::import
