// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/loadtestjtl/jtl.h"

#include "base/text.h"
#include "import/loadtestjtl/jtlcolumns.h"
#include "import/loadtestjtl/jtlcsvreader.h"
#include "import/loadtestjtl/jtlxmlreader.h"

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kCsv{
    "jmeter-csv",
    "JMeter results (CSV)",
    "*.jtl *.csv",
    SourceKind::LoadTest,
    "Written by jmeter -n -t PLAN -l FILE.jtl.",
};
constexpr FormatDescriptor kXml{
    "jmeter-xml",
    "JMeter results (XML)",
    "*.jtl *.xml",
    SourceKind::LoadTest,
    "Written by JMeter with jmeter.save.saveservice.output_format=xml.",
    RecordJoin::Bytes,
};

class JmeterCsvImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kCsv; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        while (!prefix.empty() && (prefix.front() == '\n' || prefix.front() == '\r'))
            prefix.remove_prefix(1);
        const std::size_t end = prefix.find('\n');
        if (end == std::string_view::npos && prefix.size() >= kSniffBytes)
            return Confidence::No;
        std::string_view line = prefix.substr(0, end);
        line = line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
        const auto columns = jtl::JtlColumns::of(line);
        if (!columns)
            return Confidence::No;
        return columns->hasHeader ? Confidence::Magic : Confidence::Strong;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<jtl::JtlCsvReader>(options);
    }
};

class JmeterXmlImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kXml; }

    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        const std::string_view start = trimmed(prefix.substr(0, 1024));
        return start.starts_with('<') && start.find("<testResults") != std::string_view::npos
            ? Confidence::Magic
            : Confidence::No;
    }

    std::unique_ptr<Reader> newReader(const ReadOptions &options) const override
    {
        return std::make_unique<jtl::JtlXmlReader>(options);
    }
};

} // namespace

const Importer &jmeterCsvImporter()
{
    static const JmeterCsvImporter importer;
    return importer;
}

const Importer &jmeterXmlImporter()
{
    static const JmeterXmlImporter importer;
    return importer;
}

} // namespace tailscope::import
