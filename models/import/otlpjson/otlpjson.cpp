// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/otlpjson/otlpjson.h"

#include "import/common/jsonkeys.h"
#include "import/otlpjson/jsoutput.h"
#include "import/otlpjson/otelconsole.h"
#include "import/otlpjson/otlpreader.h"

namespace tailscope::import {

namespace {

const FormatDescriptor kDescriptor{
    "otlp-json",
    "OTLP JSON traces, logs and metrics",
    "*.json *.jsonl *.ndjson *.otlp",
    SourceKind::Trace,
    "Written by the OpenTelemetry collector's file exporter and SDKs, Grafana Tempo and Jaeger (OTLP "
    "downloads).",
    RecordJoin::Lines,
    otlp::documentOf,
};

class OtlpJsonImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view fileName) const override;
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<otlp::OtlpReader>();
    }
};

/// The container's own key, near the top: at the top, in an array of documents, or in Tempo's and Jaeger's
/// wrapper.
Confidence OtlpJsonImporter::sniff(std::string_view prefix, std::string_view) const
{
    if (otlp::isJsConsoleOutput(prefix))
        return Confidence::Strong;
    const char first = firstSignificant(prefix);
    if (first != '{' && first != '[')
        return Confidence::No;
    JsonKeyScan scan(prefix);
    JsonKey key;
    bool batches = false;
    while (scan.next(key)) {
        if (key.depth > 3 && !batches)
            continue;
        const bool list = key.valueStart == '[' || key.valueStart == '\0';
        const std::string_view name = key.name;
        if (key.depth <= 3 && list
            && (name == "resourceSpans" || name == "resource_spans" || name == "resourceMetrics"
                || name == "resourceLogs" || name == "resourceProfiles" || name == "resource_metrics"
                || name == "resource_logs"))
            return Confidence::Strong;
        batches |= key.depth <= 3 && list && name == "batches";
        if (batches
            && (name == "scopeSpans" || name == "instrumentationLibrarySpans" || name == "scope_spans"
                || name == "resource"))
            return Confidence::Strong;
    }
    return otlp::isConsoleOutput(prefix) ? Confidence::Likely : Confidence::No;
}

} // namespace

const Importer &otlpJsonImporter()
{
    static const OtlpJsonImporter importer;
    return importer;
}

} // namespace tailscope::import
