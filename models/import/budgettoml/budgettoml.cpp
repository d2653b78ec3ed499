// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/budgettoml/budgettoml.h"

#include "base/budgetfile.h"

#include <vector>

namespace tailscope::import {

namespace {

constexpr FormatDescriptor kDescriptor{
    "budget-toml",
    "Performance budget (TOML)",
    "*.toml",
    SourceKind::Config,
    "Written by hand, or saved by the view Budgets: [budget] name, target_ms and [[component]] tables.",
    RecordJoin::Bytes,
};

constexpr std::size_t kMaxFile = 1 << 20;

RecordField number(std::string_view column, std::optional<double> value)
{
    if (!value)
        return {column, {}};
    return {column, *value};
}

RecordField text(std::string_view column, std::string_view value)
{
    if (value.empty())
        return {column, {}};
    return {column, value};
}

class BudgetTomlReader final : public Reader
{
public:
    Result<void> read(ByteSource &source, RowSink &sink, ImportReport &report) override
    {
        SourceInfo info;
        info.kind = SourceKind::Config;
        info.clock = ClockKind::None;
        sink.setSource(info);
        std::string all;
        for (;;) {
            const Result<std::string_view> chunk = source.next();
            if (!chunk)
                return fail(chunk.error());
            if (chunk->empty())
                break;
            if (all.size() + chunk->size() > kMaxFile)
                return fail(ErrorCode::LimitExceeded, std::string(source.name()),
                    "a budget file has at most 1 MiB", "Is it a budget?");
            all.append(*chunk);
        }
        const Result<Budget> budget = parseBudget(all, std::string(source.name()));
        if (!budget)
            return fail(budget.error());
        emit(*budget, sink, report);
        return {};
    }

private:
    static void emit(const Budget &budget, RowSink &sink, ImportReport &report)
    {
        const RecordField head[]{
            {"name", std::string_view(budget.name)},
            {"target_ms", budget.targetMs},
            {"percentile", std::string_view(budget.percentile)},
            {"margin", budget.margin},
            text("description", budget.description),
            text("match", budget.match),
            number("error_limit", budget.errorLimit),
            {"min_samples", budget.minSamples},
        };
        RecordRow row{RecordTable::Budget, {}, {}, {}, {}, head, {}};
        const RecordRef ref = sink.record(row);
        report.rowRead();
        std::int64_t position = 0;
        for (const BudgetComponent &part : budget.components) {
            const RecordField group = part.parallelGroup > 0
                ? RecordField{"parallel_group", std::int64_t(part.parallelGroup)}
                : RecordField{"parallel_group", {}};
            const RecordField fields[]{
                {"position", position++},
                group,
                {"name", std::string_view(part.name)},
                text("match", part.match),
                number("budget_ms", part.budgetMs),
                number("timeout_ms", part.timeoutMs),
                {"kind", name(part.kind)},
                {"calls", part.calls},
                number("call_ms", part.callMs),
                {"optional", std::int64_t(part.optional)},
            };
            sink.record({RecordTable::BudgetComponent, {}, {}, {}, {}, fields, ref});
            report.rowRead();
        }
    }
};

class BudgetTomlImporter final : public Importer
{
public:
    const FormatDescriptor &descriptor() const override { return kDescriptor; }
    Confidence sniff(std::string_view prefix, std::string_view) const override
    {
        return looksLikeBudget(prefix) ? Confidence::Strong : Confidence::No;
    }
    std::unique_ptr<Reader> newReader(const ReadOptions &) const override
    {
        return std::make_unique<BudgetTomlReader>();
    }
};

} // namespace

const Importer &budgetTomlImporter()
{
    static const BudgetTomlImporter importer;
    return importer;
}

} // namespace tailscope::import
