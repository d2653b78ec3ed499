// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for tests, written as EXPLAIN prints them.
#pragma once

#include "analysis/plantime.h"
#include "analysis/plantree.h"
#include "import/importjob.h"

#include <QtGlobal>

#include <string>
#include <vector>

namespace tailscope::tests {

/// Reads EXPLAIN output as the product does; plans in their order.
inline std::vector<analysis::PlanTree> planTrees(const std::string &text)
{
    auto workspace = store::Workspace::temporary();
    if (!workspace)
        qFatal("%s", workspace.error().toText().c_str());
    const auto outcome = import::importText(**workspace, "plans", text, {}, {});
    if (!outcome)
        qFatal("%s", outcome.error().toText().c_str());
    if (const auto derived = analysis::derivePlanTimes(**workspace, outcome->sourceId, {}); !derived)
        qFatal("%s", derived.error().toText().c_str());
    auto reader = (*workspace)->connectReader();
    if (!reader)
        qFatal("%s", reader.error().toText().c_str());
    std::vector<analysis::PlanTree> found;
    auto ids = reader->prepare("SELECT id FROM plan ORDER BY id");
    while (ids && ids->step().value_or(false)) {
        auto tree = analysis::loadPlanTree(*reader, ids->integer(0));
        if (!tree)
            qFatal("%s", tree.error().toText().c_str());
        found.push_back(std::move(*tree));
    }
    return found;
}

inline analysis::PlanTree planTree(const std::string &text)
{
    std::vector<analysis::PlanTree> found = planTrees(text);
    if (found.size() != 1)
        qFatal("%d plans in the text of a test", int(found.size()));
    return std::move(found.front());
}

} // namespace tailscope::tests
