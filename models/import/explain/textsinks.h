// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "import/explain/textproperty.h"

namespace tailscope::import::explain {

/// Properties of a node.
class NodeSink final : public PropertySink
{
public:
    NodeSink(ParsedPlan &plan, PlanNode &node)
        : m_plan(plan)
        , m_node(node)
    {}
    bool set(std::string_view key, const PlanValue &value) override
    {
        return setNodeProperty(m_plan, m_node, key, value);
    }

private:
    ParsedPlan &m_plan;
    PlanNode &m_node;
};

/// Properties of one process of a node.
class WorkerSink final : public PropertySink
{
public:
    explicit WorkerSink(PlanWorker &worker)
        : m_worker(worker)
    {}
    bool set(std::string_view key, const PlanValue &value) override
    {
        return setWorkerProperty(m_worker, key, value);
    }

private:
    PlanWorker &m_worker;
};

/// Properties of a group that has no rows of its own: "Planning", a target table.
class GroupSink final : public PropertySink
{
public:
    explicit GroupSink(JsonMembers &members)
        : m_members(members)
    {}
    bool set(std::string_view key, const PlanValue &value) override
    {
        setGroupProperty(m_members, key, value);
        return true;
    }

private:
    JsonMembers &m_members;
};

} // namespace tailscope::import::explain
