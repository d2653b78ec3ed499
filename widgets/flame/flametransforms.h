// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodel.h"

#include <QJsonArray>
#include <QWidget>

#include <optional>
#include <vector>

class QHBoxLayout;
class QKeyEvent;
class QLabel;
class QToolButton;

namespace tailscope::widgets {

/// "Focused on parse()": what a step does, in words.
QString transformText(const analysis::TreeTransform &transform);
/// Steps as stored state, and back; what cannot be read is left out.
QJsonArray transformsToJson(const std::vector<analysis::TreeTransform> &transforms);
std::vector<analysis::TreeTransform> transformsFromJson(const QJsonArray &array);
/// The step for a frame of the tree shown (an inverted one names its paths from the callee upwards); nullopt
/// for the root and where the step means nothing there.
std::optional<analysis::TreeTransform> transformFor(analysis::TreeTransform::Kind kind,
    const analysis::CallTree &tree, std::uint32_t node, bool isBottomUp);
/// The kind a key stands for: f F S m M d c C r R.
std::optional<analysis::TreeTransform::Kind> transformOfKey(const QKeyEvent &event);

/// The row of steps above a flame graph: a chip each with a button that takes it out, how much of everything
/// they leave, undo. Changes go through the session's undo stack, so Ctrl+Z takes them back. Hidden while
/// there are none.
class FlameTransforms : public QWidget
{
    Q_OBJECT
public:
    FlameTransforms(session::Session *session, items::FlameModel *model, QWidget *parent);
    void add(const analysis::TreeTransform &transform);
    void removeAt(int index);
    void removeAll();

private:
    void change(std::vector<analysis::TreeTransform> next, const QString &text);
    void rebuild();
    void updateShare();

    session::Session *m_session;
    items::FlameModel *m_model;
    QHBoxLayout *m_chips;
    QLabel *m_share;
    QToolButton *m_undo, *m_redo;
};

} // namespace tailscope::widgets
