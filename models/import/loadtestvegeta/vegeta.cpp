// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestvegeta/vegeta.h"

#include "base/text.h"
#include "import/common/jsonkeys.h"
#include "import/common/jsonwalk.h"
#include "import/loadtestvegeta/vegetareport.h"
#include "import/loadtestvegeta/vegetaresults.h"

#include <initializer_list>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kJson{
    "vegeta-json",
    "vegeta results (JSON lines)",
    "*.json *.jsonl",
    SourceKind::LoadTest,
    "Written by vegeta encode -to json results.bin.",
    RecordJoin::Lines,
    jsonOnOneLine,
};
constexpr FormatDescriptor kCsv{
    "vegeta-csv",
    "vegeta results (CSV)",
    "*.csv",
    SourceKind::LoadTest,
    "Written by vegeta encode -to csv results.bin.",
};
constexpr FormatDescriptor kText{
    "vegeta",
    "vegeta report (text)",
    "*.txt",
    SourceKind::LoadTest,
    "Written by vegeta report results.bin.",
    RecordJoin::Bytes,
};
constexpr FormatDescriptor kReport{
    "vegeta-report",
    "vegeta report (JSON)",
    "*.json",
    SourceKind::LoadTest,
    "Written by vegeta report -type=json results.bin.",
    RecordJoin::Bytes,
};

/// The first object has all these keys at its top.
bool hasKeys(std::string_view prefix, std::initializer_list<std::string_view> wanted)
{
    if (firstSignificant(prefix) != '{')
        return false;
    JsonKeyScan scan(prefix.substr(prefix.find('{')));
    JsonKey key;
    std::size_t found = 0;
    std::uint32_t seen = 0;
    while (scan.next(key)) {
        std::uint32_t bit = 1;
        for (const std::string_view name : wanted) {
            if (key.depth == 1 && key.name == name && (seen & bit) == 0) {
                seen |= bit;
                ++found;
            }
            bit <<= 1;
        }
    }
    return found == wanted.size();
}

Confidence sniffJson(std::string_view prefix)
{
    return hasKeys(prefix, {"code", "timestamp", "latency", "bytes_out", "bytes_in"}) ? Confidence::Magic
                                                                                      : Confidence::No;
}

Confidence sniffReport(std::string_view prefix)
{
    return hasKeys(prefix, {"latencies", "bytes_in", "requests", "status_codes"}) ? Confidence::Magic
                                                                                  : Confidence::No;
}

Confidence sniffCsv(std::string_view prefix)
{
    const std::size_t end = prefix.find('\n');
    if (end == std::string_view::npos && prefix.size() >= kSniffBytes)
        return vegeta::isCsvResult(prefix) ? Confidence::Strong : Confidence::No; // a long body
    return vegeta::isCsvResult(trimmed(prefix.substr(0, end))) ? Confidence::Strong : Confidence::No;
}

Confidence sniffText(std::string_view prefix)
{
    const std::string_view start = trimmed(prefix.substr(0, 4096));
    const std::string_view line = start.substr(0, start.find('\n'));
    const auto has = [line](std::string_view text) { return line.find(text) != std::string_view::npos; };
    const bool report = line.starts_with("Requests") && (has("[total, rate") || has("[total]"));
    const bool histogram = line.starts_with("Bucket") && has("#") && has("%") && has("Histogram");
    return report || histogram ? Confidence::Magic : Confidence::No;
}

class VegetaImporter final : public Importer
{
public:
    using Sniff = Confidence (*)(std::string_view prefix);
    using Make = std::unique_ptr<Reader> (*)(const ReadOptions &options);
    VegetaImporter(const FormatDescriptor &descriptor, Sniff sniffer, Make make)
        : m_descriptor(descriptor)
        , m_sniff(sniffer)
        , m_make(make)
    {}
    const FormatDescriptor &descriptor() const override { return m_descriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override { return m_sniff(prefix); }
    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override { return m_make(options); }

private:
    const FormatDescriptor &m_descriptor;
    Sniff m_sniff;
    Make m_make;
};

} // namespace

const Importer &vegetaJsonImporter()
{
    static const VegetaImporter importer(kJson, sniffJson,
        [](const ReadOptions &options) -> std::unique_ptr<Reader> {
            return std::make_unique<vegeta::JsonResultsReader>(options);
        });
    return importer;
}

const Importer &vegetaCsvImporter()
{
    static const VegetaImporter importer(kCsv, sniffCsv, [](const ReadOptions &) -> std::unique_ptr<Reader> {
        return std::make_unique<vegeta::CsvResultsReader>();
    });
    return importer;
}

const Importer &vegetaTextImporter()
{
    static const VegetaImporter importer(kText, sniffText,
        [](const ReadOptions &) -> std::unique_ptr<Reader> {
            return std::make_unique<vegeta::TextReportReader>();
        });
    return importer;
}

const Importer &vegetaReportImporter()
{
    static const VegetaImporter importer(kReport, sniffReport,
        [](const ReadOptions &) -> std::unique_ptr<Reader> {
            return std::make_unique<vegeta::JsonReportReader>();
        });
    return importer;
}

} // namespace tailscope::import
