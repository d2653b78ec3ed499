// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/planreader.h"

#include "base/text.h"
#include "import/explain/emitplan.h"
#include "import/explain/sniffplan.h"
#include "import/explain/wholetext.h"

#include <algorithm>

namespace tailscope::import::explain {

namespace {

Error noPlan(std::string_view text, const std::string &subject, std::string_view form)
{
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
    const auto line = static_cast<std::uint64_t>(
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first), '\n'));
    const std::string_view rest = text.substr(first);
    const std::string_view shown = utf8Prefix(rest.substr(0, rest.find_first_of("\r\n")), 60);
    const std::string_view other = markupForm(text.substr(0, kSniffBytes));
    std::string detail = shown.empty()   ? "the text is empty"
        : other.empty() || other == form ? "no plan of EXPLAIN (FORMAT " + std::string(form)
            + ") found; the text begins with \"" + std::string(shown) + '"'
                                         : "a plan in " + std::string(other) + " form";
    return {ErrorCode::BadInput, subject, std::move(detail), Location{first, line, std::nullopt},
        other.empty() || other == form ? "Give the output of EXPLAIN, with the line of the plan's root"
                                       : "Read it as that form: leave --format away"};
}

} // namespace

Result<void> PlanReader::read(ByteSource &source, RowSink &sink, ImportReport &report)
{
    sink.setSource({SourceKind::Plan, ClockKind::None, {}});
    WholeText whole;
    whole.read(source);
    if (whole.error() && whole.error()->code == ErrorCode::Cancelled)
        return fail(*whole.error());
    if (whole.wasRepaired())
        report.note(IssueSeverity::Notice, "bad-utf8", 0, "bytes that are no UTF-8 became U+FFFD");
    std::size_t plans = 0;
    std::int64_t nodes = 0;
    const PlanTaker take = [&](ParsedPlan &&plan) {
        ++plans;
        nodes += static_cast<std::int64_t>(plan.nodes.size());
        emitPlan(plan, sink);
    };
    const Result<void> parsed = parse(whole.text(), source.name(), report, take);
    if (report.rowsRead() == 0)
        report.rowRead(nodes); // of a form that does not count its rows itself
    if (whole.error())
        return fail(*whole.error());
    if (!parsed)
        return parsed;
    if (plans == 0)
        return fail(noPlan(whole.text(), source.name(), form()));
    return {};
}

} // namespace tailscope::import::explain
