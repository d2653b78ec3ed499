// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/flame/flametransforms.h"

#include "items/flameweights.h"

#include <QBoxLayout>
#include <QCoreApplication>
#include <QJsonObject>
#include <QKeyEvent>
#include <QLabel>
#include <QPointer>
#include <QToolButton>
#include <QtGui/QUndoCommand>

#include <algorithm>

namespace tailscope::widgets {

namespace {

using Kind = analysis::TreeTransform::Kind;
using Steps = std::vector<analysis::TreeTransform>;

/// More steps than this are no reading aid any more, and bound what a stored state may ask for.
constexpr std::size_t kMaxSteps = 50;

QString tr(const char *text) { return QCoreApplication::translate("FlameTransforms", text); }

class TransformCommand final : public QUndoCommand
{
public:
    TransformCommand(items::FlameModel *model, Steps next, const QString &text)
        : QUndoCommand(text)
        , m_model(model)
        , m_before(model->transforms())
        , m_after(std::move(next))
    {}
    void undo() override { set(m_before); }
    void redo() override { set(m_after); }

private:
    void set(const Steps &steps)
    {
        if (m_model)
            m_model->setTransforms(steps);
        else
            setObsolete(true); // the view is gone
    }
    QPointer<items::FlameModel> m_model;
    Steps m_before, m_after;
};

QJsonObject toJson(const analysis::FrameKey &key)
{
    return {{QStringLiteral("name"), QString::fromStdString(key.name)},
        {QStringLiteral("group"), QString::fromStdString(key.group)}};
}

analysis::FrameKey fromJson(const QJsonObject &object)
{
    return {object.value(QStringLiteral("name")).toString().toStdString(),
        object.value(QStringLiteral("group")).toString().toStdString()};
}

} // namespace

QString transformText(const analysis::TreeTransform &transform)
{
    const QString frame = QString::fromStdString(transform.frame.name);
    const QString last = transform.path.empty() ? frame : QString::fromStdString(transform.path.back().name);
    switch (transform.kind) {
    case Kind::FocusFunction:
        return tr("Focused on %1").arg(frame);
    case Kind::FocusSubtree:
        return tr("Only this path: %1").arg(last);
    case Kind::FocusTail:
        return transform.path.size() > 1 ? tr("Only this path: %1").arg(last) : tr("Self of %1").arg(last);
    case Kind::MergeFunction:
        return tr("Merged into callers: %1").arg(frame);
    case Kind::MergeNode:
        return tr("Merged once: %1").arg(last);
    case Kind::DropFunction:
        return tr("Without %1").arg(frame);
    case Kind::CollapseFunction:
        return tr("Collapsed %1").arg(frame);
    case Kind::CollapseGroup:
        return tr("Collapsed module %1").arg(QString::fromStdString(transform.frame.group));
    case Kind::CollapseRecursion:
        return tr("Recursion of %1 collapsed").arg(frame);
    case Kind::CollapseDirectRecursion:
        return tr("Direct recursion of %1 collapsed").arg(frame);
    }
    return frame;
}

QJsonArray transformsToJson(const Steps &transforms)
{
    QJsonArray array;
    for (const analysis::TreeTransform &transform : transforms) {
        const std::string_view id = analysis::transformId(transform.kind);
        QJsonArray path;
        for (const analysis::FrameKey &key : transform.path)
            path << toJson(key);
        array << QJsonObject{{QStringLiteral("kind"), QString::fromUtf8(id.data(), qsizetype(id.size()))},
            {QStringLiteral("frame"), toJson(transform.frame)}, {QStringLiteral("path"), path}};
    }
    return array;
}

Steps transformsFromJson(const QJsonArray &array)
{
    Steps transforms;
    for (const auto &value : array) {
        const QJsonObject object = value.toObject();
        const auto kind
            = analysis::transformKind(object.value(QStringLiteral("kind")).toString().toStdString());
        if (!kind || transforms.size() >= kMaxSteps)
            continue;
        analysis::TreeTransform transform{*kind, fromJson(object.value(QStringLiteral("frame")).toObject()),
            {}};
        for (const auto &key : object.value(QStringLiteral("path")).toArray())
            transform.path.push_back(fromJson(key.toObject()));
        transforms.push_back(std::move(transform));
    }
    return transforms;
}

std::optional<analysis::TreeTransform> transformFor(Kind kind, const analysis::CallTree &tree,
    std::uint32_t node, bool isBottomUp)
{
    if (node == 0 || node >= tree.nodes.size())
        return std::nullopt;
    analysis::TreeTransform transform{kind,
        {tree.names[tree.nodes[node].name], tree.groups[tree.nodes[node].group]}, {}};
    if (kind == Kind::CollapseGroup && transform.frame.group.empty())
        return std::nullopt;
    const bool ofPath = kind == Kind::FocusSubtree || kind == Kind::MergeNode;
    if (kind == Kind::FocusTail)
        transform.path = {transform.frame};
    if (ofPath && isBottomUp) {
        // The path of an inverted tree runs from the callee up: the ends of stacks.
        if (kind == Kind::MergeNode)
            return std::nullopt;
        transform.kind = Kind::FocusTail;
    }
    if (ofPath)
        transform.path = analysis::keyPathOf(tree, node);
    return transform;
}

std::optional<Kind> transformOfKey(const QKeyEvent &event)
{
    if (event.modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return std::nullopt;
    const bool shift = event.modifiers() & Qt::ShiftModifier;
    switch (event.key()) {
    case Qt::Key_F:
        return shift ? Kind::FocusSubtree : Kind::FocusFunction;
    case Qt::Key_S:
        return shift ? std::optional(Kind::FocusTail) : std::nullopt;
    case Qt::Key_M:
        return shift ? Kind::MergeNode : Kind::MergeFunction;
    case Qt::Key_D:
        return shift ? std::nullopt : std::optional(Kind::DropFunction);
    case Qt::Key_C:
        return shift ? Kind::CollapseGroup : Kind::CollapseFunction;
    case Qt::Key_R:
        return shift ? Kind::CollapseDirectRecursion : Kind::CollapseRecursion;
    default:
        return std::nullopt;
    }
}

FlameTransforms::FlameTransforms(session::Session *session, items::FlameModel *model, QWidget *parent)
    : QWidget(parent)
    , m_session(session)
    , m_model(model)
    , m_chips(new QHBoxLayout)
    , m_share(new QLabel(this))
    , m_undo(new QToolButton(this))
    , m_redo(new QToolButton(this))
{
    setAccessibleName(tr("Steps of narrowing"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 2, 6, 2);
    layout->setSpacing(4);
    m_chips->setSpacing(4);
    layout->addLayout(m_chips);
    layout->addStretch(1);
    layout->addWidget(m_share);
    const auto button = [layout](QToolButton *tool, const QString &text, const QString &tip) {
        tool->setText(text);
        tool->setToolTip(tip);
        tool->setAccessibleName(tip);
        tool->setAutoRaise(true);
        layout->addWidget(tool);
    };
    button(m_undo, QStringLiteral("↶"), tr("Take the last step back (Ctrl+Z)"));
    button(m_redo, QStringLiteral("↷"), tr("Do the step again (Ctrl+Shift+Z)"));
    QUndoStack *stack = session->undoStack();
    connect(m_undo, &QToolButton::clicked, stack, &QUndoStack::undo);
    connect(m_redo, &QToolButton::clicked, stack, &QUndoStack::redo);
    connect(stack, &QUndoStack::canUndoChanged, m_undo, &QToolButton::setEnabled);
    connect(stack, &QUndoStack::canRedoChanged, m_redo, &QToolButton::setEnabled);
    m_undo->setEnabled(stack->canUndo());
    m_redo->setEnabled(stack->canRedo());
    connect(model, &items::FlameModel::transformsChanged, this, &FlameTransforms::rebuild);
    connect(model, &items::FlameModel::treeChanged, this, &FlameTransforms::updateShare);
    rebuild();
}

void FlameTransforms::add(const analysis::TreeTransform &transform)
{
    Steps next = m_model->transforms();
    if (next.size() >= kMaxSteps || (!next.empty() && next.back() == transform))
        return;
    next.push_back(transform);
    change(std::move(next), transformText(transform));
}

void FlameTransforms::removeAt(int index)
{
    Steps next = m_model->transforms();
    if (index < 0 || std::size_t(index) >= next.size())
        return;
    next.erase(next.begin() + index);
    change(std::move(next), tr("Step Removed"));
}

void FlameTransforms::removeAll()
{
    if (!m_model->transforms().empty())
        change({}, tr("All Steps Removed"));
}

void FlameTransforms::change(Steps next, const QString &text)
{
    m_session->undoStack()->push(new TransformCommand(m_model, std::move(next), text));
}

void FlameTransforms::rebuild()
{
    while (QLayoutItem *item = m_chips->takeAt(0)) {
        if (item->widget())
            item->widget()->deleteLater();
        delete item;
    }
    const Steps &steps = m_model->transforms();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const QString text = transformText(steps[i]);
        auto *chip = new QToolButton(this);
        chip->setText(fontMetrics().elidedText(text, Qt::ElideMiddle, 260) + QStringLiteral("  ✕"));
        chip->setToolTip(tr("%1. Click to take this step out.").arg(text));
        chip->setAccessibleName(tr("%1, take out").arg(text));
        chip->setFocusPolicy(Qt::StrongFocus);
        connect(chip, &QToolButton::clicked, this, [this, i] { removeAt(int(i)); });
        m_chips->addWidget(chip);
    }
    setVisible(!steps.empty());
    updateShare();
}

void FlameTransforms::updateShare()
{
    const auto tree = m_model->topDown();
    const double all = m_model->fullTotal();
    if (!tree || !(all > 0)) {
        m_share->clear();
        return;
    }
    const double left = tree->nodes.front().total;
    const QString unit = QString::fromStdString(tree->unit);
    m_share->setText(left == all ? tr("all of %1").arg(items::weightText(all, unit))
                                 : tr("%1 of %2 (%3)")
                                       .arg(items::weightText(left, unit), items::weightText(all, unit),
                                           items::shareText(left / all)));
}

} // namespace tailscope::widgets
