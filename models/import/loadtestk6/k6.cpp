// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestk6/k6.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/loadtestk6/k6csvreader.h"
#include "import/loadtestk6/k6jsonreader.h"
#include "import/loadtestk6/k6summaryreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kJson{
    "k6-json",
    "k6 samples (JSON lines)",
    "*.json *.ndjson *.jsonl",
    SourceKind::LoadTest,
    "Written by k6 run --out json=FILE.",
    RecordJoin::Lines,
    jsonOnOneLine,
};
constexpr FormatDescriptor kCsv{
    "k6-csv",
    "k6 samples (CSV)",
    "*.csv",
    SourceKind::LoadTest,
    "Written by k6 run --out csv=FILE.",
};
constexpr FormatDescriptor kSummary{
    "k6-summary",
    "k6 summary (JSON)",
    "*.json",
    SourceKind::LoadTest,
    "Written by k6 run --summary-export=FILE, or by handleSummary() in a script.",
    RecordJoin::Bytes,
};

class K6JsonImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kJson; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        prefix = prefix.substr(prefix.find('{'));
        prefix = prefix.substr(0, prefix.find('\n'));
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool metric = false, data = false, type = false;
        while (scan.next(key)) {
            metric |= key.depth == 1 && key.name == "metric" && key.valueStart == '"';
            data |= key.depth == 1 && key.name == "data" && key.valueStart == '{';
            type |= key.depth == 1 && key.name == "type" && key.valueStart == '"';
        }
        const bool kind = prefix.find("\"Point\"") != std::string_view::npos
            || prefix.find("\"Metric\"") != std::string_view::npos;
        return metric && data && type && kind ? Confidence::Magic : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<k6::K6JsonReader>(options);
    }
};

class K6CsvImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kCsv; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::string_view line = trimmed(prefix.substr(0, prefix.find('\n')));
        return line.starts_with("metric_name,timestamp,metric_value") ? Confidence::Magic : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<k6::K6CsvReader>(options);
    }
};

class K6SummaryImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kSummary; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        if (firstSignificant(prefix) != '{')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool metrics = false, known = false, group = false;
        while (scan.next(key)) {
            metrics |= key.depth == 1 && key.name == "metrics" && key.valueStart == '{';
            group |= key.depth == 1 && key.name == "root_group" && key.valueStart == '{';
            known |= key.depth == 2 && metrics && key.valueStart == '{'
                && (key.name == "iterations" || key.name == "iteration_duration" || key.name == "vus"
                    || key.name == "http_reqs" || key.name == "data_received");
        }
        return group || (metrics && known) ? Confidence::Strong : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<k6::K6SummaryReader>();
    }
};

} // namespace

const Importer &k6JsonImporter()
{
    static const K6JsonImporter importer;
    return importer;
}

const Importer &k6CsvImporter()
{
    static const K6CsvImporter importer;
    return importer;
}

const Importer &k6SummaryImporter()
{
    static const K6SummaryImporter importer;
    return importer;
}

} // namespace tailscope::import
