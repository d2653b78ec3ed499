// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "import/metrics/metricrows.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tailscope::import::prometheus {

/// One line of a scrape. Views live until the next call of parse() and as long as the line.
struct ExpositionLine
{
    enum class Kind {
        Blank,
        Comment, ///< text: without "#"
        Help,
        Type, ///< name, text
        Unit, ///< name, text
        End, ///< "# EOF"
        Sample,
        Bad, ///< text: why
    };
    Kind kind = Kind::Blank;
    std::string_view name, text;
    std::vector<MetricLabel> labels;
    double value = 0;
    std::optional<Nanos> tsNs;
    bool hasExemplar = false;
};

/// Parses lines by the text format 0.0.4, OpenMetrics 1.0 and quoted UTF-8 names. One object a file.
class ExpositionParser
{
public:
    const ExpositionLine &parse(std::string_view line);

private:
    bool parseLabels(std::string_view &rest);
    bool parseQuoted(std::string_view &rest, std::string_view &out);
    void parseComment(std::string_view text);
    void parseSample(std::string_view text);
    void bad(std::string_view why);

    ExpositionLine m_line;
    std::vector<std::string> m_unescaped; ///< texts that hold an escape
    std::size_t m_unescapedUsed = 0;
};

/// A value as exporters write it: a number, "NaN", "+Inf", "-Inf"; nullopt on junk.
std::optional<double> parseMetricValue(std::string_view text);

} // namespace tailscope::import::prometheus
