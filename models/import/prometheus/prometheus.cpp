// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/prometheus/prometheus.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/prometheus/expositionline.h"
#include "import/prometheus/expositionreader.h"
#include "import/prometheus/queryreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kText{
    "prometheus-text",
    "Prometheus text exposition, OpenMetrics",
    "*.prom *.txt *.metrics",
    SourceKind::Metrics,
    "Printed by exporters and /metrics endpoints: one scrape or many in one file.",
};
constexpr FormatDescriptor kQuery{
    "prometheus-query",
    "Prometheus query answer, Grafana data frames (JSON)",
    "*.json",
    SourceKind::Metrics,
    "Answers of /api/v1/query_range and /api/v1/query of Prometheus, Thanos, Mimir; Grafana's query "
    "inspector.",
};

class TextImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kText; }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<prometheus::ExpositionReader>();
    }
    /// A declared type is the format's own; without one, lines with labels in braces and nothing else.
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        using Kind = prometheus::ExpositionLine::Kind;
        const bool cut = prefix.size() >= kSniffBytes;
        prometheus::ExpositionParser parser;
        int samples = 0, labelled = 0, bad = 0, lines = 0;
        bool inHead = false;
        while (!prefix.empty() && lines < 200) {
            const std::size_t end = prefix.find('\n');
            if (end == std::string_view::npos && cut)
                break;
            const std::string_view line = trimmed(prefix.substr(0, end));
            prefix.remove_prefix(end == std::string_view::npos ? prefix.size() : end + 1);
            if (inHead || line.starts_with("HTTP/")) {
                inHead = !line.empty();
                continue;
            }
            ++lines;
            const prometheus::ExpositionLine &parsed = parser.parse(line);
            if (parsed.kind == Kind::Type && isType(parsed.text))
                return bad > 0 ? Confidence::Likely : Confidence::Strong;
            samples += parsed.kind == Kind::Sample ? 1 : 0;
            labelled += parsed.kind == Kind::Sample && !parsed.labels.empty() ? 1 : 0;
            bad += parsed.kind == Kind::Bad ? 1 : 0;
        }
        return labelled > 0 && bad * 10 <= samples ? Confidence::Likely : Confidence::No;
    }

private:
    static bool isType(std::string_view text)
    {
        for (const std::string_view type : {"counter", "gauge", "histogram", "summary", "untyped", "unknown",
                 "gaugehistogram", "info", "stateset"}) {
            if (text == type)
                return true;
        }
        return false;
    }
};

class QueryImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kQuery; }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<prometheus::QueryReader>();
    }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const char first = firstSignificant(prefix);
        if (first != '{' && first != '[')
            return Confidence::No;
        JsonKeyScan scan(prefix);
        JsonKey key;
        bool results = false, metric = false;
        while (scan.next(key)) {
            if (key.name == "resultType" && key.depth <= 2)
                return Confidence::Strong;
            if (key.name == "errorType" && key.depth == 1)
                return Confidence::Likely;
            results |= key.name == "results" && key.depth == 1 && key.valueStart == '{';
            if (results && key.name == "frames" && key.depth == 3)
                return Confidence::Strong;
            metric |= key.name == "metric" && key.depth <= 4 && key.valueStart == '{';
            if (metric && (key.name == "values" || key.name == "value") && key.valueStart == '[')
                return Confidence::Strong;
        }
        return Confidence::No;
    }
};

} // namespace

const Importer &prometheusTextImporter()
{
    static const TextImporter importer;
    return importer;
}

const Importer &prometheusQueryImporter()
{
    static const QueryImporter importer;
    return importer;
}

} // namespace tailscope::import
