// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// Holds a buyer's tokens between payment and delivery: the buyer deposits, then confirms (the seller is paid) or
/// disputes (frozen). The operator, the market, releases after the time for confirming has passed, and decides disputes.
contract Escrow {
    using SafeERC20 for IERC20;

    enum Status {
        Pending,
        Released,
        Refunded,
        Disputed
    }

    struct Order {
        address buyer;
        address seller;
        uint256 amount;
        uint256 depositedAt;
        Status status;
    }

    event Deposited(bytes32 indexed orderId, address indexed buyer, address indexed seller, uint256 amount);
    event Confirmed(bytes32 indexed orderId, address indexed confirmedBy);
    event Disputed(bytes32 indexed orderId, address indexed buyer);
    event Released(bytes32 indexed orderId, address indexed seller, uint256 amount);
    event Refunded(bytes32 indexed orderId, address indexed buyer, uint256 amount);

    error ZeroAmount();
    error InvalidSeller();
    error OrderExists();
    error OrderNotFound();
    error WrongStatus(Status status);
    error NotBuyer();
    error NotOperator();

    IERC20 public immutable usdc;
    address public immutable operator;

    mapping(bytes32 => Order) private _orders;

    constructor(IERC20 usdc_, address operator_) {
        usdc = usdc_;
        operator = operator_;
    }

    /// The buyer must have approved `amount`. One deposit per order, ever.
    function deposit(bytes32 orderId, address seller, uint256 amount) external {
        if (amount == 0) revert ZeroAmount();
        if (seller == address(0) || seller == msg.sender) revert InvalidSeller();
        if (_orders[orderId].buyer != address(0)) revert OrderExists();
        _orders[orderId] = Order(msg.sender, seller, amount, block.timestamp, Status.Pending);
        usdc.safeTransferFrom(msg.sender, address(this), amount);
        emit Deposited(orderId, msg.sender, seller, amount);
    }

    function confirm(bytes32 orderId) external {
        _requireBuyer(orderId, Status.Pending);
        emit Confirmed(orderId, msg.sender);
        _release(orderId);
    }

    function dispute(bytes32 orderId) external {
        _requireBuyer(orderId, Status.Pending).status = Status.Disputed;
        emit Disputed(orderId, msg.sender);
    }

    function release(bytes32 orderId) external {
        _requireOpen(orderId);
        _release(orderId);
    }

    function refund(bytes32 orderId) external {
        Order storage order = _requireOpen(orderId);
        order.status = Status.Refunded;
        usdc.safeTransfer(order.buyer, order.amount);
        emit Refunded(orderId, order.buyer, order.amount);
    }

    function getOrder(bytes32 orderId) external view returns (Order memory) {
        return _orders[orderId];
    }

    function _requireBuyer(bytes32 orderId, Status status) private view returns (Order storage order) {
        order = _orders[orderId];
        if (order.buyer == address(0)) revert OrderNotFound();
        if (order.status != status) revert WrongStatus(order.status);
        if (order.buyer != msg.sender) revert NotBuyer();
    }

    function _requireOpen(bytes32 orderId) private view returns (Order storage order) {
        if (msg.sender != operator) revert NotOperator();
        order = _orders[orderId];
        if (order.buyer == address(0)) revert OrderNotFound();
        if (order.status != Status.Pending && order.status != Status.Disputed) revert WrongStatus(order.status);
    }

    function _release(bytes32 orderId) private {
        Order storage order = _orders[orderId];
        order.status = Status.Released;
        usdc.safeTransfer(order.seller, order.amount);
        emit Released(orderId, order.seller, order.amount);
    }
}
