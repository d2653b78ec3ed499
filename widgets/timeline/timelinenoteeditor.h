// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"

#include <QLineEdit>

#include <optional>

namespace tailscope::widgets {

/// A line to write a note into, laid over the timeline: Enter keeps it, Esc and leaving it drop it. Not a
/// dialog, so nothing waits for it.
class TimelineNoteEditor : public QLineEdit
{
    Q_OBJECT
public:
    explicit TimelineNoteEditor(QWidget *parent);
    /// noteId: the note being changed, 0 = a new one.
    void open(const QPoint &place, qint64 noteId, Nanos ts, std::optional<Nanos> end, const QString &text);

Q_SIGNALS:
    void accepted(qint64 noteId, qint64 ts, std::optional<qint64> end, const QString &text);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void finish(bool keep);

    qint64 m_noteId = 0;
    Nanos m_ts = 0;
    std::optional<Nanos> m_end;
};

} // namespace tailscope::widgets
