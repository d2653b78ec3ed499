// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "import/explain/emitplan.h"

#include "base/text.h"

namespace tailscope::import::explain {

void emitPlan(const ParsedPlan &plan, RowSink &sink)
{
    const std::string settings = plan.settings.object();
    const std::string extra = plan.extra.object();
    PlanRow head;
    head.engine = plan.engine;
    head.serverVersion = plan.serverVersion;
    head.capturedAtNs = plan.capturedAtNs;
    head.queryText = plan.queryText;
    head.settingsJson = settings;
    head.sourceText = utf8Prefix(plan.sourceText, kMaxSourceText);
    head.format = plan.format;
    head.planningMs = plan.planningMs;
    head.executionMs = plan.executionMs;
    head.durationMs = plan.durationMs;
    head.totalCost = plan.nodes.front().row.totalCost.value_or(ParsedPlan::kUnknown);
    head.extraJson = extra;
    const PlanRef ref = sink.plan(head);
    for (const PlanNode &node : plan.nodes) {
        PlanNodeRow row = node.row;
        const std::string nodeExtra = node.extra.object();
        row.extraJson = nodeExtra;
        sink.planNode(ref, row);
        for (const PlanWorker &worker : node.workers) {
            PlanWorkerRow workerRow = worker.row;
            const std::string workerExtra = worker.extra.object();
            workerRow.extraJson = workerExtra;
            sink.planWorker(ref, workerRow);
        }
    }
    for (const PlanTriggerRow &trigger : plan.triggers)
        sink.planTrigger(ref, trigger);
}

} // namespace tailscope::import::explain
