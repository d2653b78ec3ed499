// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/units.h"
#include "items/sessionquery.h"
#include "widgets/base/canvasaccessible.h"

#include <QVector>
#include <QWidget>

#include <optional>

namespace tailscope::session {
class SessionContext;
}

namespace tailscope::widgets {

/// A block on a strip: what was so from when to when.
struct StripBlock
{
    TimeRange time;
    double height = 1; ///< 0..1 of the strip
    items::SessionTone tone = items::SessionTone::Active;
    QString text; ///< written inside where there is room
    QString toolTip;
    Nanos moment = kUnknownNanos; ///< that a click chooses; unknown = the begin
};

/// Blocks along a time axis, with the moment that is shown. A click or Enter chooses a moment; arrows go from
/// block to block, Home and End to the ends. Where no block is, nothing was sampled (hatched). GUI thread.
class TimeStrip : public QWidget, public AccessibleCanvas
{
    Q_OBJECT
public:
    TimeStrip(const session::SessionContext *context, QWidget *parent);

    /// topText: what the full height means, "7"; empty = heights mean nothing.
    void setContent(const QString &title, TimeRange window, QVector<StripBlock> blocks,
        const QString &topText = {});
    void setMoment(Nanos moment); ///< unknown = none
    const QVector<StripBlock> &blocks() const { return m_blocks; }
    TimeRange window() const { return m_window; }
    QString accessibleValue() const override;
    QSize sizeHint() const override { return {300, 84}; }
    QSize minimumSizeHint() const override { return {120, 64}; }

Q_SIGNALS:
    void momentChosen(Nanos moment);
    void readoutChanged(const QString &line);

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QRect plotRect() const;
    double xOf(Nanos t) const;
    int blockAt(const QPoint &position) const; ///< -1 = none
    void setCurrent(int block);
    QString textOf(const StripBlock &block) const;
    void choose(int block);

    const session::SessionContext *m_context;
    QString m_title, m_topText;
    TimeRange m_window;
    QVector<StripBlock> m_blocks;
    Nanos m_moment = kUnknownNanos;
    int m_current = -1;
};

} // namespace tailscope::widgets
