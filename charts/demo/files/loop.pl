# Waits for sockets and for the time at which a probe wants to be woken: its `due`, when `wake` is called.
package Loop;
use strict;
use warnings;
use IO::Select;

my ($clock, %on_ready, %writers);
my $sockets = IO::Select->new;

# Seconds since the machine was started: no clock that is set forward or back, and all that perl-base can read.
sub now {
    open $clock, '<', '/proc/uptime' or die "/proc/uptime: $!\n" if !$clock;
    sysseek $clock, 0, 0;
    sysread $clock, my $text, 32;
    return (split ' ', $text)[0];
}

sub watch {
    my ($socket, $ready, $for_writing) = @_;
    $writers{$socket} = $socket if $for_writing;
    $sockets->add($socket) if !$for_writing;
    $on_ready{$socket} = $ready;
}

sub forget {
    my ($socket) = @_;
    delete $writers{$socket};
    delete $on_ready{$socket};
    $sockets->remove($socket);
}

# For one that is needed no more. What still refers to it would keep it open.
sub drop {
    my ($socket) = @_;
    forget($socket);
    close $socket;
}

sub turn {
    my @probes = @_;
    my $now = now();
    my ($first) = sort { $a <=> $b } map { $_->{due} } @probes;
    my $left = $first > $now ? $first - $now : 0;
    my ($readable, $writable) =
        IO::Select->select($sockets, IO::Select->new(values %writers), undef, $left);
    for my $socket (@{ $readable // [] }, @{ $writable // [] }) {
        my $ready = $on_ready{$socket} or next;
        $ready->();
    }
    $now = now();
    for my $probe (@probes) {
        $probe->{wake}() if !$probe->{over} && $probe->{due} <= $now;
    }
}

1;
